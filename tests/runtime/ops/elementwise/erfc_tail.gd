# erfc keeps its digits far out
# source: NumPy 1.24.2, SciPy 1.10.1
print((v for v in erfc([8, 15, 25])))
# expect~ (1.1224297172982928e-29, 7.212994172451209e-100, 8.300172571196523e-274) 1e-11
