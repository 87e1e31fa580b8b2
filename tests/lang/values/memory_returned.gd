# memory is returned at the last use: 200 x 8 MB through a limit of 60 MB
# args: --max-memory 60M
var total = 0
for i in 0..200 {
  let x = ones(1_000_000)
  total += sum(x * 2)
}
print(total)  # expect: 400000000
