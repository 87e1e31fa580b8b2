# an element write deep in a list does not copy the 8 MB beside it
# timeout: 10
# args: --max-memory 100M
var r = (big: zeros(1_000_000), small: 0)
for i in 0..1_000_000 {
  r.big[i] = 1
}
print(sum(r.big))  # expect: 1000000
