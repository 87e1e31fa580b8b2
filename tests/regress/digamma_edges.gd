# source: scipy.special.psi and polygamma; near 0 the reflection has to use x itself, not 1 + x
print(digamma(-1e-10))                 # expect~ 9999999999.422785 1e-14
print(digamma(-2.3))                   # expect~ 3.3173231575618236 1e-14
print(digamma(0), digamma(-0), digamma(-1))   # expect: -inf inf nan
print(digamma'(1 / 0))                 # expect: 0
