let k = [1, 2, 3] as i64
print(grad(x -> sum(x^2))(k))
