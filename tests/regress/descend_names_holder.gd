# a loss that does not depend on its target names what holds the earlier value, through other names too
fn fit() {
  var (w, b) = (1, 2)
  let c = w * 2
  let d = c + 1
  for i in 0..2 {
    let q = d * 2
    let report = descend w, b using gd(lr: 0.1) for 2 { q^2 }  # expect error: E0310: the loss does not depend on w
    # expect hint: `q` holds an earlier value of it
    # expect hint: compute `q` in the block
  }
}
fit()
