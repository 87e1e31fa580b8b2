# 10^6 element writes are linear: far below the limit when in place
# timeout: 10
var x = zeros(1_000_000)
for i in 0..1_000_000 {
  x[i] = i
}
print(sum(x))  # expect: 499999500000
for i in 0..1_000_000 {
  x[i] += 1
}
print(sum(x))  # expect: 500000500000
