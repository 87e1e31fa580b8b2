let θ = 3
let η_0 = 4
fn größe(élan) = élan + θ
print(θ + η_0)    # expect: 7
print(größe(1))   # expect: 4
let _x1 = 5
print(_x1)        # expect: 5
