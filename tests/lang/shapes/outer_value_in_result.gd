# in results a name not bound by the parameters is looked up as a value
let classes = 3
fn f(x[n]) -> [n, classes] = zeros(n, classes)
print(f([1, 2]).shape)  # expect: (2, 3)
