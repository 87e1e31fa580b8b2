let = 3
let y = 3 4
let z = (1 + * 2)
fn (x) = x
for i 0..3 { print(i) }
