# what a closure gives out is a copy too
let base = [1, 2]
let f = () -> base
var y = f()
y[0] = 9
print(f())  # expect: [1, 2]
print(y)    # expect: [9, 2]
