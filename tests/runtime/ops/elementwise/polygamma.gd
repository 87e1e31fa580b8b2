# source: SciPy 1.10.1, polygamma
print((v for v in polygamma(1, [0.5, 1, 3])))   # expect~ (4.934802200544679, 1.6449340668482264, 0.3949340668482264) 1e-11
print(polygamma(2, 1))                          # expect~ -2.4041138063191885 1e-11
print(grad(digamma)(1))                         # expect~ 1.6449340668482264 1e-11
