# lse.gd: the logarithm of a sum of exponentials, shifted by the largest so that nothing overflows.
fn lse(x) {
  let a = max(x)
  a + log(sum(exp(x - a)))
}

fn primal(q) = lse(q.x)
fn gradient(q) = grad(lse)(q.x)
