let x = 1
{
  let x = 2
  print(x)  # expect: 2
  {
    let x = x + 10
    print(x)  # expect: 12
  }
}
print(x)    # expect: 1
fn f(x) {
  let y = x
  if true { let x = 50; print(x) }
  y + x
}
print(f(3))
# expect: 50
# expect: 6
for x in 7..8 { print(x) }  # expect: 7
print(x)    # expect: 1
