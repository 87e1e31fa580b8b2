# draws take (counter, item, draw): a body that can run over the whole range at once and one that
# cannot (recursion) give the same numbers
fn id(n, x) = if n == 0 { x } else { id(n - 1, x) }
seed(5)
let a = [sum(uniform(2)) + i for i in 0..4]
seed(5)
let b = [id(3, sum(uniform(2))) + i for i in 0..4]
print(all(a == b))   # expect: true
print(a[0] != a[1] - 1)  # expect: true
