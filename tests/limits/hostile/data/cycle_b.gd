use "cycle_a.gd" as a
let y = 2
