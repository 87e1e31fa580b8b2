# stops: E0405
# sandbox
load(here("data/bomb.npz"))
