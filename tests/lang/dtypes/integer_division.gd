# / and functions like exp of an integer tensor give the default float
let i = [1, 4, 9] as i64
print((i / 2).dtype, i / 2)    # expect: f64 [0.5, 2, 4.5]
print((i / i).dtype)           # expect: f64
print(sqrt(i).dtype, sqrt(i))  # expect: f64 [1, 2, 3]
print((i // 2).dtype, i // 2)  # expect: i64 [0, 2, 4]
print((i % 4).dtype, i % 4)    # expect: i64 [1, 0, 1]
print((i ^ 2).dtype, i ^ 2)    # expect: i64 [1, 16, 81]
print((i * 2).dtype, 2 + i)    # expect: i64 [3, 6, 11]
