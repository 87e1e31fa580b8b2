let f = x -> x
f(1) = 2  # expect error: E0014
