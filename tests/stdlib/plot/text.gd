# Figures are lists that print as pictures.
let f = plot([0, 1, 2, 3, 4], title: "up", ylabel: "y")
assert f.figure == "plot" and all(f.series[0].x == range(0, 5)) and f.title == "up" and f.xlabel == nil
let s = str(f)
let rows = split(s, "\n")
assert len(rows) == 22                                 # title, label, 18 rows, axis, ticks
assert find(rows[0], "up") > 0 and rows[1] == "y"
assert rows[2][:3] == "4 ┤" and rows[19][:3] == "0 ┤"
# a rising line: the last braille dot of each row lies left of that of the row above
let ends = (len(row) for row in rows[2:20])
for i in 0..17 { assert ends[i] >= ends[i + 1] }
assert find(s, "\u{1b}") == nil                        # no colours where there is no terminal
let two = str(plot((a: [1, 2], b: [2, 1])))
assert find(two, "a   ") > 0
let columns = plot([0, 1], [[1, 2], [3, 4]])
assert len(columns.series) == 2 and all(columns.series[1].y == [2, 4])
let pairs = plot((p: ([0, 2], [5, 6]), q: [7, 8, 9]))
assert all(pairs.series[0].x == [0, 2]) and all(pairs.series[1].x == [0, 1, 2])
var w = 3
let report = descend w using gd(lr: 0.1) for 5 { w^2 }
assert all(plot(report).series[0].y == report.losses)
print(plot([nan, nan]) != nil, len(split(str(plot([inf, 1, nan, 2])), "\n")))      # expect: true 20
# equal values, one value, no range
assert len(str(plot([5, 5, 5]))) > 50 and len(str(plot([1]))) > 50
