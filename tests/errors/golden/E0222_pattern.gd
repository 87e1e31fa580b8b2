fn split_at(x) = (x[:1], x[1:], len(x))
let (head, tail) = split_at([1, 2, 3])
