# needs: images
# What is saved as .png comes back: u8 as it is, floats in 0..1 and bools by 255ths.
seed(3)
for c in 2..=4 {
  let x = uniform(5, 7, c)
  save("p.png", x)
  let y = load("p.png")
  assert y.dtype == "u8" and all([5, 7, c] == [n for n in [y.shape[0], y.shape[1], y.shape[2]]])
  assert max(abs(y / 255 - x)) <= 0.5 / 255 + 1e-12
  save("p.png", y)
  assert all(load("p.png") == y)
}
let grey = reshape(range(12), 3, 4) as u8
save("g.png", grey)
print(load("g.png"))
# expect: [[ 0,  1,  2,  3],
# expect:  [ 4,  5,  6,  7],
# expect:  [ 8,  9, 10, 11]]
save("m.png", [[1, 0], [0, 1]] > 0.5)
print(load("m.png"))
# expect: [[255,   0],
# expect:  [  0, 255]]
save("t.png", grey')
print(load("t.png").shape)     # expect: (4, 3)
save("g.png.gz", grey)
print(all(load("g.png.gz") == grey))     # expect: true
for x in ([0.5], zeros(2, 2, 5), zeros(0, 4), [[1, 2]] as i32, [[0.5, 1.5]], [[nan, 0]], "x", nil) {
  try { save("bad.png", x) } catch e { print(e.code, e.message) }
}
# expect: E0404 "bad.png" takes a picture, not f64[1]
# expect: E0404 "bad.png" takes a picture, not f64[2, 2, 5]
# expect: E0404 "bad.png" takes a picture, not f64[0, 4]
# expect: E0404 "bad.png" takes a picture, not i32[1, 2]
# expect: E0404 "bad.png": a picture of floats lies in 0 to 1, and 1.5 is there
# expect: E0404 "bad.png": a picture of floats lies in 0 to 1, and nan is there
# expect: E0404 "bad.png" takes a picture, not string
# expect: E0404 "bad.png" takes a picture, not nil
try { save("x.jpg", grey) } catch e { print(e.code, e.message) }    # expect: E0404 .jpg files are read, not written
