# derivatives nest 64 deep; one more is an ordinary error, after which all goes on
fn nth(f, n) = if n == 0 { f } else { grad(nth(f, n - 1)) }
print(nth(x -> x ^ 9, 9)(2))                        # expect: 362880
print(nth(exp, 8)(0))                               # expect: 1
print(nth(x -> x ^ 3, 64)(2))                       # expect: 0
print(try { nth(x -> x, 65)(0) } catch e { e.code })  # expect: E0504
print(grad(x -> x ^ 2)(3))                          # expect: 6
