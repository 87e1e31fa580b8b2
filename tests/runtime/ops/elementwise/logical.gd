let a = [true, true, false, false]
let b = [true, false, true, false]
print(logical_and(a, b))    # expect: [true, false, false, false]
print(logical_or(a, b))     # expect: [true, true, true, false]
print(logical_not(a))       # expect: [false, false, true, true]
print(logical_and([[true], [false]], [[true, false]]).shape)  # expect: (2, 2)
