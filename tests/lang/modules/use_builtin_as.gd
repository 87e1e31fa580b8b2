use data as d
let sets = d.split((x: range(0, 10), y: range(0, 10)), 0.5)
print(len(sets[0].x) + len(sets[1].x))  # expect: 10
