use "more.gd" as more
let unit = "cm"
fn area(a, b) = a * b
fn with_helper(x) = more.add(x)
model Box(n) {
  param w[n] = 1
  fn volume() = sum(w)
}
