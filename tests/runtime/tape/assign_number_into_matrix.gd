# dA/dx of a rotation matrix filled element by element
fn f(t) {
  var R = zeros(2, 2)
  R[0, 0] = cos(t)
  R[0, 1] = -sin(t)
  R[1, 0] = sin(t)
  R[1, 1] = cos(t)
  sum(R @ [1, 2])
}
print(grad(f)(0))  # expect: -1
