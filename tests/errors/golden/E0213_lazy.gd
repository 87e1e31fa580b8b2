# the value is wanted in line 5, the mistake is in line 4
let a = zeros(3) + 1
let b = ones(4)
let c = a * b
print(sum(c))
