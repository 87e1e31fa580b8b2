use "lib/left.gd" as left
print(left.value)
