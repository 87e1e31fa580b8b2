use data
let (train, test) = data.split((x: ones(4, 2), y: ones(3)), 0.5)
