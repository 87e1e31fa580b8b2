# op: is_nan is_finite
let x = [1, 0 / 0, 1 / 0, -1 / 0, 0]
print(is_nan(x))        # expect: [false, true, false, false, false]
print(is_finite(x))     # expect: [true, false, false, false, true]
print(is_nan(zeros(0)).shape, is_nan(3), is_finite([1, 2] as i32))  # expect: (0,) false [true, true]
