# i64 tensors keep what a double cannot
var x = [2] as i64
x = x ^ 62 + 1
print(x - 2 * (x // 2))  # expect: [1]
print((x % 10).dtype)    # expect: i64
