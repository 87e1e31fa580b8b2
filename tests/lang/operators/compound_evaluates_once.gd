fn at(i) { print("at {i}"); i }
var x = [1, 2, 3]
x[at(1)] += 5
# expect: at 1
print(x)  # expect: [1, 7, 3]
var xs = ([1, 2], [3, 4])
xs[at(0)][at(1)] *= 10
# expect: at 0
# expect: at 1
print(xs)  # expect: ([1, 20], [3, 4])
