# contractions run as products: 300^3 multiplications in no time
# timeout: 10
let n = 300
let A = ones(n, n)
let B = ones(n, n)
let C = [sum(A[i, k] * B[k, j] for k) for i, j]
print(C[0, 0], C[n - 1, n - 1], sum(C))  # expect: 300 300 27000000
