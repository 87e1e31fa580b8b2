# a >= b, element by element; the result is a bool tensor
# op: ge
let a = [1, 2, 3, 0 / 0]
let b = [2, 2, 1, 0 / 0]
print(a >= b)  # expect: [false, true, true, false]
print(a >= 2)  # expect: [false, true, true, false]
print(2 >= a)  # expect: [true, true, false, false]
print((a >= b).dtype)  # expect: bool
print((zeros(0) >= zeros(0)).shape)  # expect: (0,)
print([1, 2] as i32 >= [2, 2] as i64)  # expect: [false, true]
print(([[1, 2], [3, 4]] >= [2, 3]).shape)  # expect: (2, 2)
print(reshape([[1, 2], [3, 4]] >= [2, 3], 4))  # expect: [false, false, true, true]
