# A block that ends in a lambda has the function as its value.
fn adder(a) {
  let twice = 2 * a
  x -> x + twice
}
print(adder(1)(10))                       # expect: 12
let f = if 1 < 2 { v -> v + 1 } else { nil }
print(f(1))                               # expect: 2
let g = try { error("no") } catch e { () -> e.message }
print(g())                                # expect: no
let h = x -> { y -> { z -> x + y + z } }
print(h(1)(2)(3))                         # expect: 6
