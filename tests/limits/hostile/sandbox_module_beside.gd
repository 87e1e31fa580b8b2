# stops: E0405
# sandbox
use "cycle_a.gd" as p
