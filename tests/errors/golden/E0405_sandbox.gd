# args: --sandbox
let x = load("data.csv")
