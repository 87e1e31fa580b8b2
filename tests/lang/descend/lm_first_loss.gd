var w = [3, 4]
let r = descend w using lm() for 1 { w - [0, 0] }
print(r.losses[0] <= 12.5)  # expect: true
print(type(w))              # expect: tensor
