# A layer, its loss and the way back: views, what is done once though recorded twice, values that share a place.
let x = ones(128, 40)
loss fit(p) = mean((tanh(x @ p.w + p.b) - 0.5) ^ 2)
let p = (w: ones(40, 64), b: zeros(64))
let d = grad(fit)(p)
print(d.w[0, 0] > 0, d.b[0] > 0)
