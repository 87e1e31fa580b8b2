let t = read_csv(here("../../data/quoted.csv"))
print(len(t), t.x)         # expect: 2 [1, 2]
print(t[1][0] == "a\nb")   # expect: true
print(keys(t)[1])          # expect: the "y"
print(t[1][1] == "")       # expect: true
