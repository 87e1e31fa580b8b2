# A stream of lines, two targets one of which is part of a tree, bounds, f32.
use f32
model Scale() { param s > 0 = 1
  param q in (0, 2) = 1
}
var m = (inner: Scale(), other: 5)
var w = 0
save("numbers.txt", join((str(i % 7) for i in 0..40), "\n"))
let report = descend m.inner, w over line in lines("numbers.txt") using adam(lr: 0.03) for 33 {
  let x = number(line)
  (m.inner.s * x + w - 2 * x - m.inner.q)^2
} watch every 10 {
  save("{step}.snapshot.safetensors", snapshot())
  m.other = m.other + loss
}
print(m.inner.s, m.inner.q, w, m.other, report.losses, report.why)
save("final.safetensors", (m: m, w: w, losses: report.losses))
