# nn.Embedding picks rows of its table, which has normal numbers at first.
use nn
seed(1)
let e = nn.Embedding(7, 3)
assert e.table.shape == (7, 3) and std(e.table) > 0.3
assert all(e([2, 0]) == e.table[[2, 0]]) and e([[1, 2], [3, 4]]).shape == (2, 2, 3)
let g = grad(m -> sum(m([1, 1, 4])))(e)
print(sum(g.table, axis: 1))     # expect: [0, 6, 0, 0, 3, 0, 0]
# the weights of a recurrent layer lie within 1 / sqrt(hidden)
let r = nn.LSTM(3, 16)
assert max(abs(r.U)) <= 0.25 and max(abs(r.U)) > 0.2
