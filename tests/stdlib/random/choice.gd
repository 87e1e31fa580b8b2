seed(5)
let x = [10, 20, 30]
for i in 0..50 {
  let c = choice(x)
  assert c == 10 or c == 20 or c == 30
}
print("ok")  # expect: ok
