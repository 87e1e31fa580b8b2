# calls and lists share one form: whatever can be spread, and a later name replaces a spread one
fn h(...xs) = xs
print(h(...(0..3), ...[7, 8]), (...(0..3), ...[7, 8]))  # expect: (0, 1, 2, 7, 8) (0, 1, 2, 7, 8)
fn f(a, b: 0, c: 0) = (a, b, c)
let o = (b: 2)
print(f(1, ...o, b: 5), (...o, b: 5))  # expect: (1, 5, 0) (b: 5)
print(f(1, b: 5, ...o))  # expect: (1, 2, 0)
print(f(...(1, b: 7), ...(c: 1, b: 8)))  # expect: (1, 8, 1)
print(f(1, b: 1, b: 2))  # expect error: E0204
