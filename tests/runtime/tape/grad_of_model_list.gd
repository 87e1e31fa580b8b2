model Lin(k) { param w = k; fn (x) = w * x }
let net = (Lin(2), Lin(3), "name")
let g = grad(ms -> ms[0](ms[1](5)))(net)
print(g[0].w, g[1].w, g[2])  # expect: 15 10 nil
