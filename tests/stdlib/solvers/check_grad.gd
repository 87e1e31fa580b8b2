# check_grad looks at both modes: rules of one's own against each other (<w, J v> = <J'w, v>) and against differences.
fn both(x) = x^2
adjoint both(x, y, dy) = dy * 2 * x
tangent both(x, dx) = 2 * x * dx
let fine = check_grad(both, [1, 2])
assert fine.error < 1e-9 and fine.forward < 1e-9 and fine.modes < 1e-14
print(find(fine.text, "agree") != nil)     # expect: true

fn off(x) = x^2                            # the adjoint is right, the tangent not
adjoint off(x, y, dy) = dy * 2 * x
tangent off(x, dx) = 3 * x * dx
let wrong = check_grad(off, [1, 2])
print(wrong.at, wrong.error > 0.3, wrong.modes > 0.3)    # expect: forward mode true true
print(wrong.gradient / wrong.difference)                 # expect~ 1.5 1e-9
# along v = cos(101), cos(102), made of length 1, with weights w = cos(1), cos(2): <J'w, v> = sum(2 x w v), and the
# tangent gives 3 / 2 of it
let v = cos([101, 102])
let exact = sum(2 * [1, 2] * cos([1, 2]) * v) / norm(v)
print(wrong.difference / exact)                          # expect~ 1 1e-9
print(wrong.text)
# expect: tangent off is wrong: 1.32797 along a direction, differences say 0.885311; the two disagree: <w, J v> = 1.32797, <J'w, v> = 0.885311

fn half(x) = x^2                           # one rule, wrong: the other mode, had from it, agrees with it
adjoint half(x, y, dy) = dy * x
let bad = check_grad(half, [1, 2])
print(bad.at, bad.modes < 1e-14, bad.error)              # expect~ x[0] true 0.5 1e-9
print(check_grad(x -> sum(off(x)), 3).error > 0.3)       # expect: true
print(check_grad((x, p) -> x * p.a + p.n, 2, (a: [1, 2], n: 3)).forward < 1e-9)    # expect: true
print(check_grad(x -> sum(x^2), [1, 2] as f32).forward < 1e-3)                     # expect: true
