# args: --max-memory 60M
# tangents of tensors go with the tensors: 4000 results of 160 kB each pass through
fn run(x) {
  var y = x
  for i in 0..4000 { y = y * 0.5 + x }
  sum(y)
}
print(jvp(run, ones(20000), ones(20000))[1])    # expect~ 40000 1e-6
# and a checkpoint keeps a chain's ends only
fn chain(x) { var y = x; for i in 0..50 { y = sin(y) }; y }
fn long(x) { var y = x; for i in 0..50 { y = checkpoint(chain)(y) }; sum(y) }
print(len(grad(long)(ones(20000))))             # expect: 20000
