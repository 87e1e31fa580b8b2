# stops: E0501
# files
print(load(here("data/bomb.npz")))
