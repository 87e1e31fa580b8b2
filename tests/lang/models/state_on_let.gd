# on a let, a temporary or a parameter that copy only
model Counter(start) {
  state n = start
  fn tick() { n += 1; n }
}
let c = Counter(5)
print(c.tick(), c.n)            # expect: 6 5
print(Counter(1).tick())        # expect: 2
fn poke(m) { m.tick(); m.n }
var v = Counter(8)
print(poke(v), v.n)             # expect: 8 8
