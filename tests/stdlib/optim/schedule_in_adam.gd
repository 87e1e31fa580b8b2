# a schedule is a value of lr of any optimiser; a rate of 0 at the end stops it
var w = 5
let r = descend w using adam(lr: cosine(0.1, steps: 10)) for 10 { w ^ 2 }
print(w < 5, w > 4)  # expect: true true
