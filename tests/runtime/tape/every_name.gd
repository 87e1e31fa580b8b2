# Names of the table as scripts call them: gradient against jvp, Hessian against the jvp of the gradient, and both
# against differences.
# timeout: 60
seed(5)
let x = normal(3, 4) + where(ones(3, 4) > 0, 0.05, 0)
let p = abs(x) + 0.3
let u = normal(3, 4)
fn weigh(y) {
  let v = y * 1
  let w = cos(reshape(range(v.size), ...v.shape)) + 1.2
  sum(w * v ^ 2) + sum(w * v)
}
fn close(a, b, tol) = abs(a - b) <= tol * max(1, max(abs(a), abs(b)))
fn check(name, f, x) {
  let g = grad(x -> weigh(f(x)))
  let slope = sum(g(x) * u)
  let forward = jvp(x -> weigh(f(x)), (x,), (u,))[1]
  if not close(slope, forward, 1e-11) { print("{name}: jvp {forward}, grad {slope}") }
  let h = 1e-5
  let far = (weigh(f(x + h * u)) - weigh(f(x - h * u))) / (2 * h)
  if not close(slope, far, 1e-6) { print("{name}: differences {far}, grad {slope}") }
  let n = x.size
  let full = reshape(reshape(hessian(x -> weigh(f(x)))(x), n, n) @ reshape(u, n), ...x.shape)
  let hv = jvp(g, (x,), (u,))[1]
  let away = (g(x + h * u) - g(x - h * u)) / (2 * h)
  if not close(max(abs(full - hv)), 0, 1e-9) { print("{name}: hessian and jvp of grad differ by {max(abs(full - hv))}") }
  if not (max(abs(hv - away)) <= 1e-4 * max(1, max(abs(hv)))) { print("{name}: differences of grad: {max(abs(hv - away))}") }
}
let cases = (
  # element by element
  ("exp", x -> exp(x), x), ("expm1", x -> expm1(x), x), ("log", x -> log(x), p), ("log1p", x -> log1p(x), p),
  ("log2", x -> log2(x), p), ("log10", x -> log10(x), p), ("sqrt", x -> sqrt(x), p), ("power", x -> x ^ 2.5, p),
  ("sin", x -> sin(x), x), ("cos", x -> cos(x), x), ("tan", x -> tan(x / 4), x), ("asin", x -> asin(x / 4), x),
  ("acos", x -> acos(x / 4), x), ("atan", x -> atan(x), x), ("sinh", x -> sinh(x), x), ("cosh", x -> cosh(x), x),
  ("tanh", x -> tanh(x), x), ("asinh", x -> asinh(x), x), ("acosh", x -> acosh(x + 1), p),
  ("atanh", x -> atanh(x / 4), x), ("atan2", x -> atan2(x, p), x), ("hypot", x -> hypot(x, p), x),
  ("erf", x -> erf(x), x), ("erfc", x -> erfc(x), x), ("lgamma", x -> lgamma(x), p), ("digamma", x -> digamma(x), p),
  ("polygamma", x -> polygamma(1, x), p), ("beta", x -> beta(x, 2), p), ("beta second", x -> beta(0.7, x), p),
  ("lbeta", x -> lbeta(x, x + 1), p), ("xlogy", x -> xlogy(x, p), x), ("xlogy second", x -> xlogy(x, x), p),
  ("sigmoid", x -> sigmoid(x), x), ("softplus", x -> softplus(x), x), ("relu", x -> relu(x), x),
  ("leaky_relu", x -> leaky_relu(x), x), ("elu", x -> elu(x), x), ("gelu", x -> gelu(x), x),
  ("gelu tanh", x -> gelu(x, approximate: "tanh"), x), ("silu", x -> silu(x), x),
  ("clamp", x -> clamp(x, -0.5, 0.5), x), ("abs", x -> abs(x), x), ("sign", x -> x * sign(x), x),
  ("floor", x -> x * floor(x), x), ("round", x -> x * round(3 * x), x), ("ceil", x -> x * ceil(x), x),
  ("maximum", x -> maximum(x, u), x), ("minimum", x -> minimum(x, u), x), ("where", x -> where(x > 0, x, exp(x)), x),
  ("mod", x -> x % 0.7, x),
  # reductions and scans
  ("sum", x -> sum(x, axis: 0), x), ("mean", x -> mean(x, axis: 1), x), ("prod", x -> prod(x, axis: 1), x),
  ("max", x -> max(x, axis: 0), x), ("min", x -> min(x, axis: 1), x), ("variance", x -> variance(x, axis: 1), x),
  ("std", x -> std(x, axis: 0, ddof: 1), x), ("norm", x -> norm(x, axis: 1), x),
  ("logsumexp", x -> logsumexp(x, axis: 1), x), ("softmax", x -> softmax(x, axis: 1), x),
  ("log_softmax", x -> log_softmax(x, axis: 0), x), ("cumsum", x -> cumsum(x, axis: 1), x),
  ("cumprod", x -> cumprod(x, axis: 1), x), ("sort", x -> sort(x, axis: 0), x),
  ("topk", x -> topk(x, 2).values, x), ("median", x -> median(x, axis: 1), x), ("median all", x -> [median(x)], x),
  ("quantile", x -> quantile(x, 0.3, axis: 0), x), ("quantiles", x -> quantile(x, [0.1, 0.8], axis: 1), x),
  # shapes and places
  ("reshape", x -> reshape(x, 2, 6), x), ("permute", x -> permute(x, 1, 0), x), ("concat", x -> concat([x, x ^ 2]), x),
  ("stack", x -> stack([x, exp(x)], axis: 1), x), ("split", x -> split(x, 2, axis: 1)[1], x),
  ("pad", x -> pad(x, ((1, 0), (0, 2))), x), ("pad reflect", x -> pad(x, 1, mode: "reflect"), x),
  ("tile", x -> tile(x, 2, 1), x), ("repeat", x -> repeat(x, 2, axis: 1), x), ("flip", x -> flip(x, axis: 1), x),
  ("roll", x -> roll(x, 2, axis: 1), x), ("roll all", x -> roll(x, 5), x), ("tril", x -> tril(x), x),
  ("triu", x -> triu(x, k: 1), x), ("diag of", x -> diag(x), x), ("diag", x -> diag(x[0]), x),
  ("trace", x -> [trace(x[:, :3])], x), ("slice", x -> x[1:, ::-2], x), ("rows", x -> x[[2, 0, 2]], x),
  ("take", x -> take(x, [1, 1, 3], axis: 1), x), ("gather", x -> gather(x, 0, [[0, 2, 1, 1]]), x),
  ("scatter_add", x -> scatter_add(x ^ 2, 0, [[0, 2, 1, 1]], x[:1]), x), ("mask", x -> x[u > 0], x),
  ("broadcast", x -> x[:, :1] * x, x),
  # networks
  ("layer_norm", x -> layer_norm(x, x[0], x[1]), x), ("rms_norm", x -> rms_norm(x, x[2]), x),
  ("batch_norm", x -> batch_norm(x, x[0], x[1]), x), ("group_norm", x -> group_norm(x[:, :, new], 2, x[0]), x),
  ("attention", x -> attention(x, sin(x), x ^ 2), x), ("attention masked", x -> attention(x, x, x, u[:, :3] > 0), x),
  ("attention added", x -> attention(x, x, x, x[:, :3], causal: true), x),
  ("cross_entropy", x -> [cross_entropy(x, [1, 3, 0], label_smoothing: 0.1)], x),
  ("cross_entropy shares", x -> [cross_entropy(x, softmax(-x, axis: 1))], x),
  ("lstm_cell", x -> lstm_cell(x, (x[:, :1], x[:, 1:2]), sin(x[[0, 1, 2, 0]]), x[:1]).h, x),
  ("gru_cell", x -> gru_cell(x, x[:, :1], sin(x[[0, 1, 2, 0], :3]), x[:1, :3], x[1, :3]), x),
)
for (name, f, at) in cases { check(name, f, at) }
print("done")  # expect: done
