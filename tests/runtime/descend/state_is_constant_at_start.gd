# within an evaluation derivatives flow through a state, from one evaluation to the next they do not
model M() {
  param w = 1
  state s = 0
  fn step() { s = s + w; s }
}
var m = M()
descend m using gd(lr: 0.1) for 1 { m.step() + m.step() }   # s = w, then 2 w: derivative 3
print(m.w, m.s)                                             # expect: 0.7 2
descend m using gd(lr: 0.1) for 1 { m.step() }              # 2 + w: derivative 1
print(m.w)                                                  # expect~ 0.6 1e-12
print(grad(x -> x * m.s)(2))                                # expect~ 2.7 1e-12
