# assigning to a state in a method changes the place the method was called on
model Counter(start) {
  state n = start
  fn tick(by: 1) { n += by; n }
}
var c = Counter(0)
print(c.tick())     # expect: 1
print(c.tick(by: 4))  # expect: 5
print(c.n)          # expect: 5
var d = c
d.tick()
print(c.n, d.n)     # expect: 5 6
var list = (Counter(0), Counter(10))
list[1].tick()
list[1].tick()
print(list[0].n, list[1].n)  # expect: 0 12
var named = (c: Counter(1), k: 0)
named.c.tick()
print(named.c.n)    # expect: 2
