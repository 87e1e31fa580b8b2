fn f(x) = sum(x[5])
print(try { grad(f)([1, 2]) } catch e { e.code })  # expect: E0211
print(grad(x -> x ^ 2)(3))                         # expect: 6
