fn differences(x[n]) -> [n] = x[1:] - x[:-1]
print(differences([1, 4, 9]))
