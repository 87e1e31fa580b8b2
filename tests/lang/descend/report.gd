var w = 4
let r = descend w using gd(lr: 0.25) for 3 { w ^ 2 }
print(r.steps, len(r.losses))      # expect: 3 3
print(r.losses[0], r.losses[1], r.losses[2])  # expect: 16 4 1
print(type(r.why), type(r.seconds), type(r.loss), type(r.gnorm))  # expect: string number number number
print(r.seconds >= 0)              # expect: true
