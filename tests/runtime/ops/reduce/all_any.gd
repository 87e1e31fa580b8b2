# all and any, of all and along axes
# op: all any
let m = [[true, false], [true, true]]
print(all(m))  # expect: false
print(all(m, axis: 0))  # expect: [true, false]
print(all(m, axis: 1))  # expect: [false, true]
print(all(m, axis: 1, keep: true).shape)  # expect: (2, 1)
print(all(zeros(0) > 0))  # expect: true
print(type(all(m)))  # expect: bool
print(any(m))  # expect: true
print(any(m, axis: 0))  # expect: [true, true]
print(any(m, axis: 1))  # expect: [true, true]
print(any(m, axis: 1, keep: true).shape)  # expect: (2, 1)
print(any(zeros(0) > 0))  # expect: false
print(type(any(m)))  # expect: bool
