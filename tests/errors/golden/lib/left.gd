use "right.gd" as right
let value = right.value + 1
