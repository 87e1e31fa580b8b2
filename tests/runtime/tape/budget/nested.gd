# a derivative around the loop, one inside, and both: forward mode keeps nothing and is the oracle
# args: --tape-memory 300K
# timeout: 60
fn cosines(a) {
  var s = a
  for i in 0..60 {
    for j in 0..100 { s = cos(s) * a + j * 1e-3 }
  }
  s
}
fn inner(a) {
  var s = a
  for i in 0..3000 { s = 0.5 * s + grad(u -> sin(u) * u)(s) * 0.1 + a }
  s
}
for f in (cosines, inner) {
  let slope = x -> jvp(f, x, 1)[1]
  let bend = jvp(slope, 0.5, 1)[1]
  print(abs(grad(f)(0.5) / slope(0.5) - 1) < 1e-12)          # expect: true
  print(abs(grad(grad(f))(0.5) / bend - 1) < 1e-12)          # expect: true
  print(abs(grad(slope)(0.5) / bend - 1) < 1e-12)            # expect: true
  print(abs(jvp(grad(f), 0.5, 1)[1] / bend - 1) < 1e-12)     # expect: true
  # expect: true
  # expect: true
  # expect: true
  # expect: true
}
