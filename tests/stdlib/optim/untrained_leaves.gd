# integers, strings and states are left alone, also with weight decay
var p = (w: [1, 2], k: [3, 4] as i64, s: "text", n: 5)
descend p using adamw(lr: 0.1, weight_decay: 0.5), clip_norm(100) for 3 { sum(p.w) * sum(p.k) }
print(p.k, p.s)           # expect: [3, 4] text
print(p.k.dtype, type(p.n))  # expect: i64 number
