let x = "a {1 + 2"
print(x)
# exit: 2
# expect error in e0003_unclosed_hole.gd:1: E0003
