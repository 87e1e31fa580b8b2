fn f(x[n] as f32) = n
print(f(zeros(2) as f32))  # expect: 2
print(f(zeros(2)))         # expect error: E0215|E0217
