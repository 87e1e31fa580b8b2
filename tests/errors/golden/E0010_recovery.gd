fn broken(x) {
  let = 3
  x +
}

fn also(x) {
  if x > 0 { 1 } else 2 }
}

fn sound(x) = x + undefined_name

model M(n) {
  param w[n = 0
}
