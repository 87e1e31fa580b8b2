use "lib/wants_f32.gd" as m
print(m.x)
# exit: 2
# expect error in wants_f32.gd:1: E0107
