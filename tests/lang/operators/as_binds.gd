# `as` binds tighter than *, looser than unary minus
let x = [1.7, -1.7]
print(-x as i64)             # expect: [-1, 1]
print(2 * x as i64)          # expect: [2, -2]
print((2 * x) as i64)        # expect: [3, -3]
