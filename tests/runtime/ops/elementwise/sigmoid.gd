# sigmoid, element by element
# source: NumPy 1.24.2, SciPy 1.10.1; derivatives: PyTorch 1.13.0a0
let x = [-2.5, -1, -0.3, 0.4, 1, 2.75, 40]
print((v for v in sigmoid(x)))
# expect~ (0.07585818002124355, 0.2689414213699951, 0.425557483188341, 0.598687660112452, 0.7310585786300049, 0.9399133498259924, 1) 1e-12
print(sigmoid(0.4))
# expect~ 0.598687660112452 1e-12
let e = [1 / 0, -1 / 0, 0 / 0, 0]
print((v for v in sigmoid(e)))
# expect~ (1, 0, nan, 0.5) 1e-12
print(sigmoid(zeros(0)).shape)  # expect: (0,)
print(sigmoid(zeros(2, 0, 3) + 1.5).shape)  # expect: (2, 0, 3)
print((v for v in sigmoid([-0.3])))
# expect~ (0.425557483188341,) 1e-12
let A = reshape([0.5, 1.5, 2, 0.25, 3, 4], 2, 3)
print((sigmoid(A')).shape)  # expect: (3, 2)
print((v for v in reshape(sigmoid(A'), 6)))
# expect~ (0.6224593312018546, 0.5621765008857981, 0.8175744761936437, 0.9525741268224334, 0.8807970779778823, 0.9820137900379085) 1e-12
print((sigmoid(A[:, ::-2])).shape)  # expect: (2, 2)
print((v for v in reshape(sigmoid(A[:, ::-2]), 4)))
# expect~ (0.8807970779778823, 0.6224593312018546, 0.9820137900379085, 0.5621765008857981) 1e-12
let s = x as f32
print(sigmoid(s).dtype)  # expect: f32
print((v for v in sigmoid(s)))
# expect~ (0.07585818002124355, 0.2689414213699951, 0.4255574802741708, 0.5986876615445177, 0.7310585786300049, 0.9399133498259924, 1) 1e-5
let many = linspace(-4.1, 4.2, 1001)
print(sum(sigmoid(many)))
# expect~ 506.33780024793856 1e-10
print(all(abs(sigmoid(many)[100:110] - sigmoid(many[100:110])) < 1e-12 * (1 + abs(sigmoid(many[100:110])))))  # expect: true
print(sigmoid([1, 2, 3] as i64).dtype)  # expect: f64
print((v for v in sigmoid([1, 2, 3] as i64)))
# expect~ (0.7310585786300049, 0.8807970779778823, 0.9525741268224334) 1e-12
print((v for v in sigmoid([true, false])))
# expect~ (0.7310585786300049, 0.5) 1e-12
print((v for v in grad(x -> sum(sigmoid(x)))(x)))
# expect~ (0.07010371654510815, 0.19661193324148185, 0.24445831169074586, 0.24026074574152914, 0.19661193324148185, 0.05647624464487404, 0) 1e-11
