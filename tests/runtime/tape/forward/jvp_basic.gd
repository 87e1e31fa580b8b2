# (y, dy): bare values for one argument that is no list, lists with one item an argument otherwise
print(jvp(x -> x^3, 2, 1))                                        # expect: (8, 12)
print(jvp(x -> x^2, [1, 2], [1, 10]))                             # expect: ([1, 4], [2, 40])
print(jvp((x, y) -> x * y, (2, 3), (1, 0)))                       # expect: (6, 3)
print(jvp((x, y) -> x * y, (2, 3), (nil, 1)))                     # expect: (6, 2)
print(jvp((x, y) -> x - y, (y: 2, x: 3), (1, 0)))                 # expect: (1, -1)
print(jvp(t -> t[0] * t[1], ((2, 3),), ((1, 10),)))               # expect: (6, 23)
# trees of results; what cannot move is nil, what does not move zero
print(jvp(x -> (a: x^2, b: "s", c: 7, d: [1, 2]), 3, 1))          # expect: ((a: 9, b: "s", c: 7, d: [1, 2]), (a: 6, b: nil, c: 0, d: [0, 0]))
model M() {
  param w = [1, 2]
  state n = 5
  fn (x) = sum(w * x)
}
let m = M()
let (y, dm) = jvp(m -> (...(), m), m, map_leaves(m, w -> w * 10))
print(dm[0].w, dm[0].n)                                           # expect: [10, 20] nil
print(jvp((m, x) -> m(x), (m, [3, 4]), (m, [1, 0])))              # expect: (11, 12)
# integers are constants with a direction of nil; the same draws as without
print(jvp((x, i) -> x[i], ([1, 2], range(0, 2) as i64), ([5, 6], nil)))  # expect: ([1, 2], [5, 6])
seed(3)
let a = jvp(x -> x * normal(), 2, 1)
seed(3)
print(a[1] == normal())                                           # expect: true
# f32 stays f32
print(jvp(x -> sin(x) * 2, [1, 2] as f32, [1, 0] as f32)[1].dtype)  # expect: f32
