use "lib/shapes.gd" as s
print(s.unit)             # expect: cm
print(s.no_such)
# exit: 1|2
# expect error in binds_only_its_name.gd:3: E0101|E0207
