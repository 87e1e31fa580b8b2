# appending to a list or a string that stands in a record, a list or a state is in place
# timeout: 10
var r = (log: (), s: "", lists: ((), (), ()))
for i in 0..300_000 {
  r.log = (...r.log, i)
  r.log = push(r.log, -i)
  r.s += "é"
  r.lists[i % 3] = (...r.lists[i % 3], i, i + 1)
}
print(len(r.log), len(r.s), len(r.lists[2]))  # expect: 600000 300000 200000
model Log() {
  state seen = ()
  state by = (x: (), n: 0)
  fn add(x) { seen = (...seen, x); by.x = push(by.x, x); by.n += x }
}
var l = Log()
for i in 0..300_000 { l.add(i) }
print(len(l.seen), len(l.by.x), l.by.n)  # expect: 300000 300000 44999850000
fn step(s) { var t = s; t.log = push(t.log, t.n); t.n += 1; t }
var s = (log: (), n: 0)
for i in 0..200_000 { s = step(s) }
print(len(s.log))  # expect: 200000
