# pi is a number
print(pi)
# expect~ 3.141592653589793 1e-15
print(type(pi))  # expect: number
