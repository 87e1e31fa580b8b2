# stops: E0501 E0503
print(jacobian(x -> x^2)(ones(1e5))[0, 0])
