let x = 3
print(-x)       # expect: -3
print(- -x)     # expect: 3
print(2 - -x)   # expect: 5
print(-x + 1)   # expect: -2
print(-[1, -2]) # expect: [-1, 2]
print(2 * -x)   # expect: -6
