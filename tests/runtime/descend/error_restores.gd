# whatever ends a step early, the target is as the last accepted step left it, and so is everything around it
model M() {
  param w = 1
  state calls = 0
  fn (x) { calls += 1; w * x }
}
var m = M()
let e1 = try {
  descend m using gd(lr: 0.1) for 5 {
    if m.w < 0.7 { error("stop at {m.w}") }
    m(1) ^ 2
  }
} catch e { e.message }
print(e1, m.w, m.calls)          # expect: stop at 0.64 0.64 2
print(training())                # expect: false
print(try { descend m using gd(lr: 0.1) for 5 { m(1) ^ 2 } watch every 2 { error("in watch") } } catch e { e.message })  # expect: in watch
print(m.calls, training())       # expect: 4 false
descend m using gd(lr: 0.1) for 1 { m(1) ^ 2 }
print(m.calls)                   # expect: 5
