# a line that begins with ( or [ is a new statement
let f = x -> x
(print)("called")  # expect: called
let (p, q) = (1, 2)
print(p + q)  # expect: 3
