# a brace inside brackets starts counting again: newlines end statements there
let y = (1 + {
  let a = 2
  let b = 3
  a * b
})
print(y)  # expect: 7
let ys = map((1, 2), x -> {
  let q = x * 10
  q + 1
})
print(ys)  # expect: (11, 21)
