# rates by step from 0
# source: PyTorch's formulas (StepLR, OneCycleLR with anneal "cos", CosineAnnealingLR with eta_min), worked out by hand
let s = step_decay(0.1, every: 2, factor: 0.5)
print((s(i) for i in 0..6))                   # expect~ (0.1, 0.1, 0.05, 0.05, 0.025, 0.025) 1e-14
let c = cosine(0.3, steps: 4, low: 0.1)
print((c(i) for i in 0..7))                   # expect~ (0.3, 0.27071067811865476, 0.2, 0.12928932188134524, 0.1, 0.1, 0.1) 1e-12
let o = onecycle(1, steps: 10)
print(o(0), o(1), o(2), o(9), o(20))          # expect~ 0.04 0.52 1 0.000004 0.000004 1e-9
print(o(5), o(6))                             # expect~ 0.6112620219362892 0.38874197806371095 1e-9
let w = warmup(0.2, steps: 4)
print((w(i) for i in 0..6))                   # expect~ (0.05, 0.1, 0.15, 0.2, 0.2, 0.2) 1e-14
let both = warmup(cosine(0.2, steps: 2), steps: 2)
print((both(i) for i in 0..5))                # expect~ (0.1, 0.2, 0.2, 0.1, 0) 1e-12
var x = 0
descend x using gd(lr: step -> 0.5 / (step + 1)) for 3 { -x }
print(x)                                      # expect~ 0.9166666666666667 1e-12
