model Q(k) { param w = k; param v = 1 }
let m = Q(2)
let h = grad(q -> grad(p -> p.w ^ 3 * p.v)(q).w)(m)
print(h.w, h.v)  # expect: 12 12
