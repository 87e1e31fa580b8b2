# source: a '>f8' file written by NumPy 1.24.2: read, or refused in words
let x = try { load(here("../../data/big_endian.npy")) } catch e { e.code }
print(x == "E0402" or all(x == [1.5, -2]))  # expect: true
