# no digits are lost near 0
# source: NumPy 1.24.2, SciPy 1.10.1
print((v for v in log1p([1e-15, -1e-12, 1e-08])))
# expect~ (9.999999999999995e-16, -1.0000000000005e-12, 9.999999950000001e-09) 1e-12
print((v for v in expm1([1e-15, -1e-12, 1e-08])))
# expect~ (1.0000000000000007e-15, -9.999999999995e-13, 1.0000000050000001e-08) 1e-12
