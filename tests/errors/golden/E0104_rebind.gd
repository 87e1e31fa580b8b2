let x = 3
x = 4
fn f(a) {
  a += 1
  a
}
for i in 0..3 { i = i + 1 }
let v = [1, 2]
v[0] = 5
