# masks combine by arithmetic of bools, all and any
# op: and or not
let a = [true, true, false]
let b = [true, false, false]
print(all(a), any(a), any(b), all(a == a))  # expect: false true true true
print(a != b)  # expect: [false, true, false]
print(where(a, b, false))  # expect: [true, false, false]
