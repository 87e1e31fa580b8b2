fn rosen(v) = sum(100 * (v[1:] - v[:-1]^2)^2 + (1 - v[:-1])^2)
var v = zeros(6) - 1
var trace = ()
let report = descend v using lbfgs(memory: 4) for 200 until loss < 1e-12 { rosen(v) } watch every 3 {
  trace = push(trace, loss)
  save("{step}.snapshot.safetensors", snapshot())
}
print(v, report.losses, report.why, trace)
save("final.safetensors", (v: v, losses: report.losses, trace: trace))
