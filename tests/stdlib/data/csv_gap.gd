print(read_csv(here("../../data/gap.csv")))
# exit: 1
# expect error in csv_gap.gd:1: E*
