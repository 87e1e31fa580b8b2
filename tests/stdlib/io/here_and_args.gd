# script-args: one "two words" 3
print(args())                            # expect: ("one", "two words", "3")
print(find(here("x.csv"), "io/x.csv") >= 0)  # expect: true
