# -x
# op: neg
print((v for v in -[1, -2.5, 3]))
# expect~ (-1, 2.5, -3) 1e-12
print(-([1, -2] as i32))  # expect: [-1, 2]
print((-([1] as i32)).dtype)  # expect: i32
print((-zeros(0)).shape)  # expect: (0,)
print((-[[1, 2], [3, 4]]').shape)  # expect: (2, 2)
print(reshape(-[[1, 2], [3, 4]]', 4))  # expect: [-1, -3, -2, -4]
print((v for v in 1 / -[0 / 1, 1]))
# expect~ (-inf, -1) 1e-12
print(grad(x -> sum(-x * [1, 2]))([5, 6]))  # expect: [-1, -2]
