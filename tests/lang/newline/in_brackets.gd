let x = (
  1
  + 2
)
print(x)  # expect: 3
let t = [
  1, 2,
  # a comment between
  3,

  4,
]
print(t)  # expect: [1, 2, 3, 4]
print(
  "a",
  "b"
)  # expect: a b
let y = t[
  1
]
print(y)  # expect: 2
