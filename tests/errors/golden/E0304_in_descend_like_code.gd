let rows = ones(3, 2)
let f = w -> rows @ w
print(value_and_grad(f)([1, 2]))
