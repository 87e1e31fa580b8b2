for i in 0..3 {
  for j in 0..3 {
    if j == i { break }
    if i == 2 and j == 0 { continue }
    print(i, j)
  }
}
# expect: 1 0
# expect: 2 1
