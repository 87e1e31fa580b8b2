# softmax(q k' / sqrt(d)) v; with equal keys the mean of the values
let v = [[1, 2], [3, 4], [5, 9]]
let q = [[1, 0]]
print((x for x in attention(q, zeros(3, 2), v)[0]))  # expect~ (3, 5) 1e-12
