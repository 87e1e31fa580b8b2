let x = 1
let x = 2  # expect error: E0103
