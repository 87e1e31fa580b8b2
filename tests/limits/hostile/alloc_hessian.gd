# stops: E0501 E0503
print(hessian(x -> sum(x^3) * sum(x))(ones(1e5))[0, 0])
