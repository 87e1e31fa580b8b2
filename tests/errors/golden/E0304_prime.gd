fn line(t) = [t, 2 * t]
print(line'(1))
