# x[] is a number
fn f(x[]) = x + 1
print(f(2))      # expect: 3
print(f([1, 2])) # expect error: E0215
