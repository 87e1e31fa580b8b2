use "lib/circle_a.gd" as a  # the two files use each other
print(a.x)
# exit: 2
# expect error in circle_b.gd:1: E0113
