let p = [1, 2, 4]
let t = [1, 0, 1]
print(mse(p, t))     # expect~ 4.333333333333333 1e-12
print(mae(p, t))     # expect~ 1.6666666666666667 1e-12
print(huber(p, t))   # expect~ 1.3333333333333333 1e-12
print(accuracy([[0.1, 0.9], [0.8, 0.2]], [1, 1]))  # expect: 0.5
