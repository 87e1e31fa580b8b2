# under `use f32` numbers are f64 all the same: only tensors are f32
use f32
let a = sum(1 / (i + 1) for i in 0..100)
var s = 0
for i in 0..100 { s += 1 / (i + 1) }
print(abs(a - s) < 1e-14)                                             # expect: true
let p = prod(1 + i / 1000 for i in 0..50)
var q = 1
for i in 0..50 { q *= 1 + i / 1000 }
print(abs(p - q) < 1e-14, [1 / (i + 1) for i in 0..40].dtype, vmap(x -> x / 3)([1, 2]).dtype)  # expect: true f32 f32
print(sum(0.1 for i in 0..64) == 6.4 or abs(sum(0.1 for i in 0..64) - 6.4) < 1e-13)  # expect: true
print(abs(grad(w -> sum(w / (i + 3) for i in 0..100))(2) - sum(1 / (i + 3) for i in 0..100)) < 1e-13)  # expect: true
