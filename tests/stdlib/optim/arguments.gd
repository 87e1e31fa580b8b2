print(try { gd(lr: -1) } catch e { e.code })               # expect: E0210
print(try { sgd(lr: 0.1, momentum: 1) } catch e { e.code })  # expect: E0210
print(try { sgd(lr: 0.1, nesterov: true) } catch e { e.code })  # expect: E0210
print(try { adam(lr: "fast") } catch e { e.code })         # expect: E0201
print(try { cosine(0.1, steps: 0) } catch e { e.code })    # expect: E0210
print(try { cosine(0.1, steps: 2.5) } catch e { e.code })  # expect: E0210
print(try { lbfgs(memory: 0) } catch e { e.code })         # expect: E0210
print(adam(lr: 0.1))  # expect: adam(lr: 0.1, beta1: 0.9, beta2: 0.999, eps: 1e-8)
fn bad(step) = "x"
var w = 1
descend w using gd(lr: bad) for 1 { w^2 }  # expect error: E0313: gives string
