# an inner derivative never sees an outer one's perturbation (Siskind and Pearlmutter 2005)
print(grad(x -> x * grad(y -> x + y)(1))(5))      # expect: 1
print(grad(x -> x * grad(y -> x * y)(2))(3))      # expect: 6
print(grad(x -> grad(y -> x * y ^ 2)(x))(3))      # expect: 12
print(grad(x -> grad(y -> y ^ 2)(x) * x)(3))      # expect: 12
fn d(f, x) = grad(f)(x)
print(d(x -> d(y -> d(z -> x * y * z, 1), 2) * x, 3))  # expect: 6
