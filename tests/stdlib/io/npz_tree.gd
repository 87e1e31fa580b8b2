# Any tree goes through .npz; NumPy sees its tensors under their paths.
model Net(n) {
  param W[n, 2] = 1
  state seen = 3
  let parts = ([1, 2], "two", nil)
}
let m = Net(2)
let tree = (a: (b: [1, 2], c: ([3, 4] as i32, true, "x", nil)), d: 2..5, e: 7, m: m)
save("t.npz", tree)
let back = load("t.npz")
print(back == tree, back.m.parts, back.a.c[0].dtype)     # expect: true ([1, 2], "two", nil) i32
for v in ([1, 2], 3, "text", (), ([1], [2]), (a: ()), (x: [1], ...([2],)), nil) {
  save("t.npz", v)
  let b = load("t.npz")
  assert type(b) == type(v) and (b,) == (v,), "{v} came back as {b}"
}
# Named tensors are as NumPy writes them: nothing beside them in the file.
save("t.npz", (w: [1, 2], n: 3, ok: true))
print(load("t.npz"))                                     # expect: (w: [1, 2], n: 3, ok: true)
try { save("t.npz", (f: x -> x)) } catch e { print(e.code, e.message) }     # expect: E0404 `f` is a function and cannot be saved
