fn third(xs) = xs[2]
fn of_all(rows) = map(rows, row -> third(row))
let table = ([1, 2, 3], [4, 5])
print(of_all(table))
