print(load(here("../data/damaged.npy")))  # expect error: E0402
