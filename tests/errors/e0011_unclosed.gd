print(1
let y = 2
print(y)
# exit: 2
# expect error in e0011_unclosed.gd:1: E0011
