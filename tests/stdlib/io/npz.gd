# source: files written by NumPy 1.24.2 (plain and compressed)
let p = load(here("../../data/pair.npz"))
print(p.x[1], p.y, p.y.dtype)     # expect: [3, 4] [5, 6] i64
let q = load(here("../../data/packed.npz"))
print(sum(q.a), q.b)              # expect: 499500 [1, 2, 3]
save("out.npz", (a: [1, 2], b: [[3]]))
let r = load("out.npz")
print(r.a, r.b[0])                # expect: [1, 2] [3]
