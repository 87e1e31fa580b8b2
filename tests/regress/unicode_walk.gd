# walking through a text by index is linear, also when it is not ASCII
# timeout: 10
let s = join(("é€😀x" for i in 0..50_000), "")
var n = 0
for i in 0..len(s) { if s[i] == "😀" { n += 1 } }
for i in 1..=len(s) { if s[-i] == "x" { n += 1 } }
print(n, s[199_999], s[0:4], s[-2:])  # expect: 100000 x é€😀x 😀x
