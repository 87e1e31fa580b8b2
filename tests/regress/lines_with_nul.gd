# a NUL does not join lines
save("n.txt", "a\u{0}b\nc\n\nlast")
print((len(l) for l in lines("n.txt")))     # expect: (3, 1, 0, 4)
