fn f(x[n]) = n
fn g(x[n]) = f(zeros(n + 1)) + n
print(g(zeros(2)))   # expect: 5
let n = 50
print(f(zeros(3)))   # expect: 3
