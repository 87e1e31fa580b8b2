# strings, integers, functions and bools in a tree stay as they are
var t = (name: "x", n: [1, 2] as i64, f: x -> x + 1, flag: true, w: 1, v: [1, 2])
descend t using gd(lr: 0.5) for 1 { t.w ^ 2 + sum(t.v) }
print(t.name, t.n, t.f(1), t.flag, t.w, t.v)     # expect: x [1, 2] 2 true 0 [0.5, 1.5]
