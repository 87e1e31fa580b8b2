print(load(here("../data/damaged.npy.gz")))  # expect error: E0402|E0401
