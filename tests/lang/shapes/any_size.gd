fn f(x[_, d]) = d
print(f(zeros(7, 3)))   # expect: 3
fn g(x[..., d]) = d
print(g(zeros(2, 3, 5)), g(zeros(4)))  # expect: 5 4
fn h(x[2, n]) = n
print(h(zeros(2, 9)))   # expect: 9
