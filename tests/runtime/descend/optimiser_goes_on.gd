# an optimiser in a var keeps its state: two times three steps are six steps
var a = [1, 2]
descend a using adam(lr: 0.1) for 6 { sum(a ^ 4) }
var b = [1, 2]
var o = adam(lr: 0.1)
descend b using o for 3 { sum(b ^ 4) }
descend b using o for 3 { sum(b ^ 4) }
print(a == b)               # expect: [true, true]
var c = [1, 2]
let fixed = adam(lr: 0.1)   # a let stays as it is: each descend begins anew
descend c using fixed for 3 { sum(c ^ 4) }
descend c using fixed for 3 { sum(c ^ 4) }
print(any(c != a))          # expect: true
