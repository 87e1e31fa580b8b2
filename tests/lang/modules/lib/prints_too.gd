use "prints.gd" as p
let w = p.v + 1
