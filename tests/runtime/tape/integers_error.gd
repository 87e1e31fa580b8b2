print(grad(x -> sum(x * 2))([1, 2] as i64))  # expect error: E0302
