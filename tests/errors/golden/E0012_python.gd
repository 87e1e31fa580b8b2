def f(x):
    if x > 0:
        return x ** 2
    elif x == None:
        return True
    else:
        return !x
i++
import numpy as np
x = lambda y: y
for i in range(3):
    print(i)
