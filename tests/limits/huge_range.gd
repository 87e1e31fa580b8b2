# a range is not stored; its length may be huge
let r = 0..1_000_000_000_000
print(len(r))  # expect: 1000000000000
for i in r {
  if i == 3 { break }
}
print("out")   # expect: out
