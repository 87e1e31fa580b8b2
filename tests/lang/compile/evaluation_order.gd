# left to right, each operand with the value it has when its turn comes
var k = 0
print(k + { k = 5; 1 } + k)  # expect: 6
print([k, { k = 7; k }, k])  # expect: [5, 7, 7]
k += { k = 100; 1 }
print(k)                     # expect: 8
fn inside(n) {
  var r = n
  r += { r = 50; 1 }
  r
}
print(inside(1))             # expect: 2
var x = [1, 2, 3]
var i = 0
x[i] = { i = 2; 10 }
print(x, i)                  # expect: [10, 2, 3] 2
var y = (f: 1, g: (2, 3))
(x[0], y.f) = (y.f + 10, x[0] + 20)
print(x[0], y.f)             # expect: 11 30
var a = 0
(x[1], (y.g[0], a)) = (7, (8, 9))
print(x[1], y.g, a)          # expect: 7 (8, 3) 9
