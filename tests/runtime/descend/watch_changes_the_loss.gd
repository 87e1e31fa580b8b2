# what watch assigns counts from the next step on, also where a line search could have kept its last gradient
var goal = 3
var w = [0, 0]
let r = descend w using lbfgs() for 6 { sum((w - goal) ^ 2) } watch every 2 { goal = -4 }
print((v for v in w), r.losses[1] < 1e-9)   # expect~ (-4, -4) true 1e-6
var u = [4, 4]
descend u using lbfgs() for 2 { sum((u - 1) ^ 2) } watch every 2 { u = [10, 20] }
print(u)                                    # expect: [10, 20]
