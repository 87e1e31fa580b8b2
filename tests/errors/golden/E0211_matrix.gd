let table = zeros(4, 3)
print(table[-1, 3])
