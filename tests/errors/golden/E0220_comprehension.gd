let steps = [range(0, n) for n in 1..4]
