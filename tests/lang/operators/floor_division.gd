# // floors, % has the divisor's sign
print(7 // 2)      # expect: 3
print(-7 // 2)     # expect: -4
print(7 // -2)     # expect: -4
print(-7 // -2)    # expect: 3
print(7 % 3)       # expect: 1
print(-7 % 3)      # expect: 2
print(7 % -3)      # expect: -2
print(-7 % -3)     # expect: -1
print(5.5 // 2)    # expect: 2
print(5.5 % 2)     # expect: 1.5
print(-5.5 % 2)    # expect: 0.5
print(6 % 3)       # expect: 0
for a in -9..10 {
  for b in (-4, -3, -1, 1, 2, 5) {
    assert (a // b) * b + a % b == a
  }
}
