# repeated derivatives do not pile up memory
# args: --max-memory 40M
fn f(x) = sum(exp(sin(x)) * x)
var g = ones(1000)
for i in 0..2000 { g = grad(f)(ones(1000)) }
print(len(g))  # expect: 1000
