# c.show() calls the function show with a copy; the model with state stays in its variable
model Counter() {
  state n = 0
  fn bump() { n = n + 1; n }
}
fn show(c) = "seen {c.n}"
var c = Counter()
print(c.show())          # expect: seen 0
print(c.bump())          # expect: 1
print(c.show(), c.bump(), c.n)   # expect: seen 1 2 2
