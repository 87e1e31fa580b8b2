# The grid that lines of equal value are drawn from; tests/tools/plot.sh looks at the lines.
let c = contour((x, y) -> sqrt(x^2 + y^2), ((-2, 2), (-1, 1)), levels: [0.5, 0.8], points: 81)
print(c.values.shape, c.x, c.levels)    # expect: (81, 81) [-2, 2] [0.5, 0.8]
assert abs(c.values[40, 40]) < 1e-15 and abs(c.values[0, 0] - sqrt(5)) < 1e-15
let v = contour(p -> p[0] + 10 * p[1], ((0, 1), (0, 1)), points: 3)
print(v.values)
# expect: [[   0,  0.5,    1],
# expect:  [   5,  5.5,    6],
# expect:  [  10, 10.5,   11]]
