# a number rounded to f32 keeps its derivative; a cut one is a constant
print(grad(x -> (x as f32) * 2)(1.5))  # expect: 2
print(grad(x -> (x as i64) * x)(2.5))  # expect: 2
print(grad(x -> sum((x as f32) ^ 2))([1.5, 2]))  # expect: [3, 4]
