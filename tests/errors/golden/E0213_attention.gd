# keys and queries differ in size
let q = ones(2, 5, 4)
let k = ones(2, 6, 3)
print(attention(q, k, k))
