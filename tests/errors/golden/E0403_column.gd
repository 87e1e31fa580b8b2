use data
let set = data.csv(here("../../data/mixed.csv"), target: "age")
