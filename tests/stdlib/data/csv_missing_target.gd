use data
print(data.csv(here("../../data/numbers.csv"), target: "lable"))  # expect error: E*
# expect hint: label
