# programs that mix elements, slices, masks, lists and numbers, first and second derivatives against differences
fn f(x) { var y = [1,2]
  try { y[0] = x
    y[5] = 1 } catch e { y[1] = x^2 }
  sum(y) }
print(grad(f)(3))  # expect: 7
fn g(x) { var y = x
  for i in 0..len(x) { y[i] *= 2
    y[i] = y[i] + x[len(x)-1-i] }
  sum(y * x) }
print(check_grad(g, [1, 2, 3]).error < 1e-9)  # expect: true
fn swap(x) { var y = x
  (y[0], y[1]) = (y[1], y[0])
  sum(y * [1, 10]) }
print(grad(swap)([1, 2]))  # expect: [10, 1]
fn lists(x) { var r = (a: x, b: (1, 2))
  r.b[0] = x^2
  r.a = r.a * r.b[0]
  r.a + r.b[1] }
print(grad(lists)(2))  # expect: 12
fn mats(x) { var A = [[1, x], [x, 1]]
  A[0] = A[1] * 2
  A[:, 1] = [x, x^2]
  sum(A) + A[1][0] + A[-1, -1] }
print(check_grad(mats, 1.5).error < 1e-9, check_grad(x -> grad(mats)(x), 1.5).error < 1e-9)  # expect: true true
fn ten(x) = [x^2, x] @ [[x, 1], [1, x]] @ [1, x]
print(check_grad(ten, 1.5).error < 1e-9, check_grad(grad(ten), 1.5).error < 1e-9, check_grad(grad(grad(ten)), 1.5).error < 1e-8)  # expect: true true true
fn masked(x) { var y = x * 1
  y[y > 1.5] = y[y > 1.5] ^ 2
  y[[0, 1]] += [1, 2] * x[2]
  sum(cumprod(y)) }
print(check_grad(masked, [1, 2, 3]).error < 1e-9, check_grad(x -> sum(grad(masked)(x) * [1,2,3]), [1, 2, 3]).error < 1e-8)  # expect: true true
fn compr(x) = sum([x[i] * x[j] for i, j] @ x)
print(check_grad(compr, [1, 2, 3]).error < 1e-9, check_grad(x -> sum(grad(compr)(x) * [1,2,3]), [1, 2, 3]).error < 1e-8)  # expect: true true
fn stk(x) = sum([[x, x * 2], [x ^ 2, x * x[0]]] * x)
print(check_grad(stk, [1, 2]).error < 1e-9, check_grad(x -> sum(grad(stk)(x) * [1,2]), [1, 2]).error < 1e-8)  # expect: true true
fn wh(x) = sum(where(x > 0, x ^ 2, -x)) + clamp(x[0], 0, 2) * x[1] + max(x[0], x[1]) + atan2(x[0], x[1])
print(check_grad(wh, [1, 2]).error < 1e-9, check_grad(x -> sum(grad(wh)(x) * [1,2]), [1, 2]).error < 1e-8)  # expect: true true
fn mod_(x) = x % 0.7 + (x // 0.7) * x
print(check_grad(mod_, 1.0).error < 1e-9)  # expect: true
