# on a convex quadratic of n variables: the exact minimum in a few steps
let A = [[4, 1, 0], [1, 3, 1], [0, 1, 2]]
let b = [1, 2, 3]
var x = zeros(3)
let r = descend x using lbfgs(memory: 5) for 100 { 0.5 * (x @ A @ x) - b @ x }
let gap = max(abs(A @ x - b))
print(gap < 1e-6)   # expect: true
