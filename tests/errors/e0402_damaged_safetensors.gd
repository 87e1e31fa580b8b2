print(load(here("../data/damaged.safetensors")))  # expect error: E0402
