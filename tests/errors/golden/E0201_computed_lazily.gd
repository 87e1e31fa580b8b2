let x = [4, 9]
let y = sqrt(x) - 1
let k = y as i64
let picked = one_hot(k, 2)
print(picked)
