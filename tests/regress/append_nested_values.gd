# what is appended to in place is nobody else's; values are read before the place changes
var r = (a: (1, 2), s: "x", t: [1, 2])
let old = r
r.a = (...r.a, len(r.a), r.a)
r.s += r.s
r.t = (...r.t, 3)
print(r)    # expect: (a: (1, 2, 2, (1, 2)), s: "xx", t: (1, 2, 3))
print(old)  # expect: (a: (1, 2), s: "x", t: [1, 2])
model Queue() {
  state xs = ()
  fn next(x) { xs = (...xs, x); 10 * x }
  fn both() { xs = push(xs, next(1)); xs }
}
var q = Queue()
print(q.both())  # expect: (10,)
fn f(x) {
  var h = (v: (), n: x)
  for i in 0..3 { h.v = (...h.v, h.n * i); h.n += x; h.v[0] += x }
  sum(h.v) + h.n
}
print(f(2), f'(2))  # expect: 30 15
r.s = (...r.s, 1)   # expect error: E0201: spreads a list, not string
