model Running(n) {
  state mean[n] = 0
  state count = 0
  fn see(x[n]) {
    count += 1
    mean += (x - mean) / count
    mean[0] = mean[0] + 100
    nil
  }
}
var r = Running(2)
r.see([2, 4])
print(r.mean, r.count)  # expect: [102, 4] 1
r.see([2, 6])
print(r.mean, r.count)  # expect: [152, 5] 2
