save("t.csv", (a: [1, 2.5], b: [3, -4]))
let t = read_csv("t.csv")
print(t.a, t.b)      # expect: [1, 2.5] [3, -4]
