# stops: E0402 E0501 E0506
# files
print(load(here("data/lies.npy")))
