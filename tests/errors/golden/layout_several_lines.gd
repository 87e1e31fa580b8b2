let x = [1, 2, 3]
let y = concat((
  x,
  [[1, 2]]
))
