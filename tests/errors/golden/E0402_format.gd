let table = load(here("../../data/damaged.npy"))
