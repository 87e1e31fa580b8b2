# stops: E0113
# files
use "data/cycle_a.gd" as a
print(a.x)
