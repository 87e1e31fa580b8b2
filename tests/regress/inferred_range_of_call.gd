# A range may come from an index of a call, at any depth of generators; the call runs once.
fn twice(x) = x * 2
let A = [[1, 2, 3], [4, 5, 6]]
let B = [[1, 2], [3, 4], [5, 6]]
print([sum(twice(A)[i, k] for k) for i])   # expect: [12, 30]
print([sum(twice(A[i])[k] for k) for i])   # expect: [12, 30]
print([sum(twice(twice(A)[i])[k] for k) for i])   # expect: [24, 60]
print([sum(twice(A)[i, k] * twice(B)[k, j] for k) for i, j])
# expect: [[ 88, 112],
# expect:  [196, 256]]
print([sum(sum(twice(A)[i, k] * B[k, j] for k) for j) for i])   # expect: [100, 226]
print([twice(A)[i, j] + 1 for i, j])
# expect: [[ 3,  5,  7],
# expect:  [ 9, 11, 13]]
print([max(twice(A)[i, j] + 1 for j) for i])   # expect: [7, 13]
