let t = linspace(0, 4, 30)
let y = 2 * exp(-1.3 * t) + 0.5 + 0.01 * sin(20 * t)
var p = (a: 1, k: 0.4, c: [0])
let report = descend p using lm() for 12 { p.a * exp(-p.k * t) + p.c[0] - y } watch every 2 {
  save("{step}.snapshot.safetensors", snapshot())
}
print(p, report.losses, report.gnorm, report.why)
save("final.safetensors", (p: p, losses: report.losses, gnorm: report.gnorm))
