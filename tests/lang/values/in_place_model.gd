# timeout: 10
model Count(n) {
  param w[n] = 0
  state seen = 0
  fn tick() { seen += 1; seen }
}
var c = Count(100_000)
for i in 0..100_000 {
  c.w[i] = i
  c.tick()
}
print(sum(c.w), c.seen)  # expect: 4999950000 100000
