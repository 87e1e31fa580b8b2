let x = "abc
print(1)
# exit: 2
# expect error in e0003_unfinished_string.gd:1: E0003
