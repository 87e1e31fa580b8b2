use "circle_a.gd" as a
let y = 2
