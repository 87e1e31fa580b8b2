# column order in the file, the same tensor here
let x = load(here("../../data/fortran.npy"))
print(x.shape, x[0], x[1])   # expect: (2, 3) [0, 1, 2] [3, 4, 5]
