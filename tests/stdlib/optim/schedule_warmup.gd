# rises in a straight line to lr, and stays there
var w = 0
var seen = ()
descend w using gd(lr: warmup(0.1, steps: 5)) for 12 { -w } watch every 1 { seen = (...seen, w) }
let rates = (seen[i] - seen[i - 1] for i in 1..12)
print(rates[0] < 0.1, rates[0] < rates[1], rates[1] < rates[2])  # expect: true true true
print(rates[1] - rates[0])  # expect~ 0.02 1e-9
print(rates[9], rates[10])  # expect~ 0.1 0.1 1e-9
