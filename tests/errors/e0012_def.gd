def f(x) = x  # expect error: E0012
# expect hint: fn
