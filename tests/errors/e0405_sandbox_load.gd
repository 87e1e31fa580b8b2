# args: --sandbox
let x = load("data.csv")  # expect error: E0405
