var n = 1
let f = () -> n + 1
n = 10
print(f())  # expect: 2
