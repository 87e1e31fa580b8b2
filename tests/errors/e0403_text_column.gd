use data
print(data.csv(here("../data/mixed.csv"), target: "age"))  # expect error: E0403: name
