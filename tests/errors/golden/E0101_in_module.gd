use "lib/misspelt.gd" as m
print(m.area(2))
