var x = 10
x += 5
print(x)   # expect: 15
x -= 3
print(x)   # expect: 12
x *= 2
print(x)   # expect: 24
x /= 5
print(x)   # expect: 4.8
x //= 2
print(x)   # expect: 2
x ^= 5
print(x)   # expect: 32
x %= 7
print(x)   # expect: 4
var s = "a"
s += "b"
print(s)   # expect: ab
var A = [[1, 2], [3, 4]]
A @= [[0, 1], [1, 0]]
print(A[0])  # expect: [2, 1]
print(A[1])  # expect: [4, 3]
