# combine: y + h (c1 k1 + ...), which the steps of odeint are made of, through its hidden name
let y = [1, 2, 3]
let M = reshape(range(0, 6), 2, 3)
print(_combine(y, 0.5, 2, [1, 1, 1], 4, [1, 0, -1]))              # expect: [4, 3, 2]
print(_combine(nil, 2, 1, M', 1, M'))                             # expect: [[ 0, 12],
# expect:  [ 4, 16],
# expect:  [ 8, 20]]
print(_combine(1, 2, 3, 4), _combine(nil, 2, 3, 4, 5, 6))         # expect: 25 84
print(_combine(zeros(0), 1, 1, zeros(0)).shape)                   # expect: (0,)
print(_combine([1, 2] as f32, 0.5, 1, [1, inf] as f32))           # expect: [1.5, inf]
print(_combine([1, nan], 1, 1, [0, 0]))                           # expect: [1, nan]
# watched by derivatives: one operation for tensors, arithmetic for a watched h and for numbers
let f = (y, h, k) -> sum(_combine(y, h, 2, k, 3, sin(k))^2)
print(check_grad(f, y, 0.5, [0.1, 0.2, 0.3]).error < 1e-9)        # expect: true
print(check_grad(grad(f, wrt: 2), y, 0.5, [0.1, 0.2, 0.3]).error < 1e-8)          # expect: true
print(check_grad((y, k) -> _combine(y, 0.5, 2, k[:, 0], 3, sin(k[:, 1])), [1, 2], [[0.1, 0.2], [0.3, 0.4]]).error < 1e-9)   # expect: true
print(check_grad((y, k) -> _combine(y, 0.5, 2, k)^2, 1, 2).error < 1e-9)          # expect: true
print(grad(y -> sum(_combine(y, 0.5, 1, y)))([1, 2] as f32).dtype)                # expect: f32
