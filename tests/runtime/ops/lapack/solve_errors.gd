# solve: what it refuses
# source: NumPy 1.24.2, SciPy 1.10.1
# op: solve inv cholesky solve_triangular
fn said(f) = try { f() } catch e { "{e.code}: {e.message}" }
let S = [[1, 2, 3], [4, 5, 6], [7, 8, 9]]
print(said(() -> solve(S, [1, 2, 3])))  # expect: E0227: the matrix [3, 3] is singular to working precision
print(said(() -> solve(stack((eye(2), zeros(2, 2))), ones(2, 2))))  # expect: E0227: matrix [1] of [2, 2, 2] is singular to working precision
print(said(() -> solve(ones(50, 50), ones(50))))  # expect: E0227: the matrix [50, 50] is singular to working precision
print(said(() -> inv(S)))  # expect: E0227: the matrix [3, 3] is singular to working precision
print(said(() -> inv(S as f32)))  # expect: E0227: the matrix [3, 3] is singular to working precision
print(said(() -> cholesky([[1, 2], [2, 1]])))  # expect: E0227: the matrix [2, 2] is not positive definite: its leading 2 by 2 part is not
print(said(() -> cholesky(-eye(40))))  # expect: E0227: the matrix [40, 40] is not positive definite: its leading 1 by 1 part is not
print(said(() -> solve_triangular([[1, 2], [0, 0]], [1, 1])))  # expect: E0227: the matrix [2, 2] is singular: element 1 of its diagonal is 0
print(said(() -> grad(a -> sum(qr(a).q))([[1, 2], [0, 0]])))  # expect: E0227: the matrix [2, 2] is singular: element 1 of its diagonal is 0
print(said(() -> grad(a -> slogdet(a).logdet)(S)))  # expect: E0227: the matrix [3, 3] is singular to working precision
print(said(() -> solve(ones(2, 3), [1, 1])))  # expect: E0213: solve takes a square matrix, or a batch of them, not [2, 3]
print(said(() -> solve(eye(3), [1, 1])))  # expect: E0213: shapes do not meet in solve: [3, 3] and [2]
print(said(() -> solve(ones(2, 3, 3), ones(5, 3, 1))))  # expect: E0213: shapes do not meet in solve: [2, 3, 3] and [5, 3, 1]
print(said(() -> det([1, 2])))  # expect: E0213: det takes a square matrix, or a batch of them, not [2]
print(said(() -> matrix_power(ones(2, 3), 2)))  # expect: E0213: matrix_power takes a square matrix, or a batch of them, not [2, 3]
print(said(() -> pinv(eye(2), rcond: -1)))  # expect: E0210: pinv: `rcond` is at least 0
solve([[1, 2], [2, 4]], [1, 1])  # expect error: E0227: singular to working precision
# expect hint: A + 1e-6 * eye(2)
