# the first é is one code point, the second e and a combining accent: the same name
let café = 7
print(café)  # expect: 7
let r = (né: 1)
print(r.né)  # expect: 1
