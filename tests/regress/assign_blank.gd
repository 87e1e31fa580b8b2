# `_` forgets a value in an assignment as in a pattern
var (p, q) = (1, 2)
(p, (q, _)) = (5, (6, 7))
print(p, q)  # expect: 5 6
(_, p) = [1, 2]
_ = 3
print(p)  # expect: 2
