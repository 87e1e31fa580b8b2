# a list of named columns: tensors where every cell is a number, lists of strings otherwise
let t = read_csv(here("../../data/mixed.csv"))
print(keys(t))     # expect: ("age", "name", "height")
print(t.age)       # expect: [31, 45, 28]
print(t.name)      # expect: ("Ann", "Bob", "Cleo, Jr.")
print(t.height)    # expect: [1.7, 1.82, 1.65]
