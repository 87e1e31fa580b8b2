var i = 0
while i < 3 { i += 1 }
print(i)  # expect: 3
while true {
  i += 1
  if i == 5 { continue }
  if i > 6 { break }
  print(i)
}
# expect: 4
# expect: 6
