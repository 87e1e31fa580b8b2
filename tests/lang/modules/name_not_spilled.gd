use "lib/shapes.gd" as s
print(area(1, 2))  # expect error: E0101
