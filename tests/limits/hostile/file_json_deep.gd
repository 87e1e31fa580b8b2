# stops: E0402
# files
print(load(here("data/deep.json.gz")))
