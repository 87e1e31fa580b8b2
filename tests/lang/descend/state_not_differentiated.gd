# within one evaluation derivatives flow through a state; at its start it is a constant
model M(k) {
  param w = 3
  state s = 2
  fn step_on() { s = s * w; s }
}
var m = M(0)
# s1 = 2 w, s2 = 2 w^2: d(s1 + s2)/dw = 2 + 4 w = 14
descend m using gd(lr: 0.1) for 1 { m.step_on() + m.step_on() }
print(m.w)   # expect~ 1.6 1e-12
print(m.s)   # expect~ 18 1e-12
