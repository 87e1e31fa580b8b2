# differentiating again goes through the rule's body
fn sq(x) = x ^ 2
adjoint sq(x, y, dy) = dy * 5 * x ^ 2
print(grad(sq)(3))         # expect: 45
print(grad(grad(sq))(3))   # expect: 30
