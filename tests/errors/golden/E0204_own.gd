fn power(x, exponent: 2) = x^exponent
print(power(3, exponant: 3))
