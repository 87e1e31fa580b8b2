use data
let set = data.csv(here("../../data/numbers.csv"), target: "label")
print(set.x.shape, set.y)  # expect: (4, 2) [0, 1, 0, 1]
print(set.x[2])            # expect: [-5, 0.001]
print(set.x[:, 0])         # expect: [1, 3, -5, 7]
