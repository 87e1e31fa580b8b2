# every turn enters the block anew
var fs = ()
for i in 0..3 {
  let k = i * 10
  fs = (...fs, () -> k)
}
print(fs[0](), fs[1](), fs[2]())  # expect: 0 10 20
