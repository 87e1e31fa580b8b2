let x = [1, 2, 3]
var total = 0
for i in 0..=3 { total += x[i] }
