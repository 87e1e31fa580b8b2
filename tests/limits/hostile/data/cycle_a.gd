use "cycle_b.gd" as b
let x = 1
