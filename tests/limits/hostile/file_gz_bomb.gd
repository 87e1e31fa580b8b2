# stops: E0501 E0503
# files
print(len(load(here("data/bomb.txt.gz"))))
