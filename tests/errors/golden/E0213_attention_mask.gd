# a mask for another number of keys
let q = ones(5, 4)
let k = ones(6, 4)
print(attention(q, k, k, ones(5, 5) > 0))
