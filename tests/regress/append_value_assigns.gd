# a list that a value appended to it assigns is read before that value
var v = (1, 2)
v = push(v, { v = (7,); 3 })
print(v)   # expect: (1, 2, 3)
v = (...v, 4, { v[0] = 9; 5 })
print(v)   # expect: (1, 2, 3, 4, 5)
fn local() {
  var v = (1,)
  v = push(v, { v = push(v, 2); 3 })
  v
}
print(local())   # expect: (1, 3)
var r = (xs: (1,))
r.xs = push(r.xs, { r.xs = (5, 6); 2 })
print(r.xs)   # expect: (1, 2)
