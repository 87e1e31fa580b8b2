fn f(a, b) = a * b
adjoint f(a, b, y, dy) = dy * b
print(try { grad(f)(2, 3) } catch e { e.code })  # expect: E0305
fn g(p) = p.u
adjoint g(p, y, dy) = (dy, dy)
print(try { grad(g)((u: 1)) } catch e { e.code })  # expect: E0305
fn h(x) = sum(x)
adjoint h(x, y, dy) = dy
print(try { grad(h)([1, 2]) } catch e { e.code })  # expect: E0305
# an adjoint that fails is an error of the derivative
fn k(x) = x
adjoint k(x, y, dy) = error("here")
print(try { grad(k)(1) } catch e { e.message })  # expect: here
print(grad(x -> x * 3)(1))                       # expect: 3
