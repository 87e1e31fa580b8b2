fn f(a: 1, b) = a + b
fn g(...rest, x) = x
fn h(a, (b, a)) = a
