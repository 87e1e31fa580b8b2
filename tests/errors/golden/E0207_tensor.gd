let table = ones(3, 2)
print(table.T)
