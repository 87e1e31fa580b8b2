# gmm.gd: how likely points are under a mixture of k Gaussians, with a Wishart prior on their shapes.
#
# Q_k, the root of the k-th inverse covariance, is lower triangular: exp(q_k) on its diagonal, and
# below it the numbers of l_k, column by column.
fn triangles(q, l) {
  let (k, d) = q.shape
  var Q = zeros(k, d, d)
  var place = 0
  for j in 0..d - 1 {
    let n = d - 1 - j
    Q[:, j + 1:, j] = l[:, place:place + n]
    place += n
  }
  Q + eye(d)[new, :, :] * exp(q)[:, :, new]
}

fn log_gamma(a, d) = d * (d - 1) / 4 * log(pi) + sum(lgamma(a + (1 - j) / 2) for j in 1..=d)

fn prior(q, l, m, gamma) {
  let (k, d) = q.shape
  let N = d + m + 1
  let scale = N * d * (log(gamma) - 0.5 * log(2)) - log_gamma(N / 2, d)
  k * scale - gamma^2 / 2 * (sum(exp(q)^2) + sum(l^2)) + m * sum(q)
}

fn likelihood(p, x, m, gamma) {
  let (n, d) = x.shape
  let Q = triangles(p.q, p.l)
  let z = (x[new, :, :] - p.mu[:, new, :]) @ Q'        # [k, n, d]: Q_k (x_i - mu_k)
  let beta = (p.alpha + sum(p.q, axis: 1))[:, new] - 0.5 * sum(z^2, axis: 2)
  let constant = n * (d / 2 * log(2 * pi) + logsumexp(p.alpha))
  sum(logsumexp(beta, axis: 0)) - constant + prior(p.q, p.l, m, gamma)
}

## In one dimension the rows of l are empty, and in JSON without a type.
fn parameters(v) = (alpha: v.alpha, mu: v.mu, q: v.q, l: if v.d == 1 { zeros(v.k, 0) } else { v.l })
fn objective(v) = likelihood(parameters(v), v.x, v.m, v.gamma)
fn jacobian(v) = grad(likelihood)(parameters(v), v.x, v.m, v.gamma)
