fn area(r) = scale * r^2
print(area(2))
let scale = 3.14
