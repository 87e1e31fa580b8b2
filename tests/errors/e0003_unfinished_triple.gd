let x = 1
let y = """abc
print(1)
# exit: 2
# expect error in e0003_unfinished_triple.gd:2: E0003
