print("loaded")
let v = 1
