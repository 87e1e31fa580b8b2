# what a number or bool of an item is to built-ins, members, comparisons: never a tensor without axes
# source: the same item by item
let x = [1, 2, 3]
let b = [true, false, true]
fn code(f) = try { f() } catch e { e.code }
print(vmap(v -> type(v) == "number")(x), vmap(v -> type(v) == "bool")(b))
# expect: [true, true, true] [true, true, true]
print(vmap(v -> index_of((1, 2, 3), v))(x))                           # expect: [0, 1, 2]
print(vmap(v -> (v, 1) == (2, 1))(x))                                 # expect: [false, true, false]
print(vmap(v -> v == 1)(b), code(() -> vmap(v -> v < 2)(b)), code(() -> vmap(v -> sum(v > 0))(x)))
# expect: [false, false, false] E0201 [1, 1, 1]
print(vmap(v -> len(v.shape))(x), code(() -> vmap(v -> v.rank)(x)), code(() -> vmap(v -> v.shape)(b)))
# expect: [0, 0, 0] E0207 E0207
print(code(() -> vmap(v -> v[new])(x)), code(() -> vmap(v -> flip(v))(x)), code(() -> vmap(v -> stack(v))(x)))
# expect: E0201 E0201 E0201
print(code(() -> vmap(v -> not v)([[true, false]])), vmap(v -> not v)(b))  # expect: E0205 [false, true, false]
print(vmap(v -> zeros_like(v))(b), vmap(v -> cumprod(v))(b).shape, vmap(v -> "{v}" == "2")(x))
# expect: [true, false, true] (3, 1) [false, true, false]
print(code(() -> vmap(v -> kron(v, v))(x)), code(() -> vmap(v -> pad(v, 1))(x)), code(() -> vmap(v -> is_nan(v))(b)))
# expect: E0201 E0201 E0201
print(vmap(v -> choice(v, 2))(x).shape, vmap(v -> one_hot(v, 4))(x)[2])  # expect: (3, 2) [0, 0, 0, 1]
print(vmap(v -> { let A = [[4, 1], [2, 3]] * v; lu(A).l[1, 0] + slogdet(A).logdet + matrix_rank(A) })(x)[0] > 0)
# expect: true
print(abs(grad(w -> sum(vmap(v -> slogdet([[4, 1], [2, 3]] * w * v).logdet + lstsq([[w, 0], [0, v]], [1, v]).x[0])(x)))(2) - 2.25) < 1e-12)
# expect: true
print(vmap(v -> check_grad(u -> u ^ 2 * v, v).error < 1e-6)(x))       # expect: [true, true, true]
# sums of lists, of small integers, of bools, of what is no tensor
let y = [sin(i) for i in 0..40]
print(sum((1, i) for i in 0..40), sum((a: i) for i in 0..40), sum((i > 3) for i in 0..40))
# expect: (40, 780) (a: 780) 36
print(sum(([200, i] as u8) for i in 0..40), sum(([200, i] as u8) for i in 0..40).dtype)  # expect: [64, 12] u8
print(sum(([2, i] as i32) for i in 0..40).dtype, sum([true, i > 3] for i in 0..40))  # expect: i32 [40, 36]
print(code(() -> sum("a" for i in 0..40)), code(() -> sum(if i > 20 { [1, 2] } else { [1, 2, 3] } for i in 0..40)))
# expect: E0201 E0213
