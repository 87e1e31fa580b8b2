let table = ones(4, 3)
print(sum(table, axis: 2))
