fn sign_of(x) {
  if x < 0 { return -1 }
  for i in 0..10 {
    if i == x { return i * 100 }
  }
  return
}
print(sign_of(-5))  # expect: -1
print(sign_of(3))   # expect: 300
print(sign_of(50))  # expect: nil
