use "left.gd" as left
let value = left.value + 1
