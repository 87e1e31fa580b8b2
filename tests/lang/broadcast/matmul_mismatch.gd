let A = zeros(32, 64)
let W = ones(32, 10)
print(A @ W)  # expect error: E0213: [32, 64]
