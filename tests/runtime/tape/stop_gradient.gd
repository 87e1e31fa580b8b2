print(grad(x -> stop_gradient(x) * x)(3))      # expect: 3
print(grad(x -> stop_gradient(x ^ 2) + x)(3))  # expect: 1
print(stop_gradient((a: [1], b: "s")))         # expect: (a: [1], b: "s")
