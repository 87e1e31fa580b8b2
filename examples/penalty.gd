# penalty.gd: how strong should the penalty on the weights be? Ask the gradient.
#
# One learns that a derivative goes through a whole inner problem: `minimize` gives the weights that are
# best for a given penalty, and the derivative of that answer, so the penalty itself can be trained on
# patients that the weights have not seen. `vmap` then says which patients pull hardest.
# The data: 300 diabetics, ten measurements, and how far the illness got a year later.
let table = read_csv(here("data/diabetes.csv"))
let columns = (table[k] for k in 0..10)
let raw = stack(columns, axis: 1)
let linear = (raw - mean(raw, axis: 0)) / std(raw, axis: 0)
let pairs = stack((linear[:, i] * linear[:, j] for i in 0..10, j in 0..10 if i <= j), axis: 1)
let x = concat((linear, pairs / 2), axis: 1)             # 65 columns for 200 patients: they overfit
let y = (table.progression - mean(table.progression)) / std(table.progression)

let (seen, unseen) = (x[:200], x[200:])
let (y_seen, y_unseen) = (y[:200], y[200:])

loss ridge(w, strength) = mean((seen @ w - y_seen)^2) + strength * sum(w^2)
fn weights(strength) = minimize(ridge, zeros(65), strength)
fn validation(log_strength) = mean((unseen @ weights(exp(log_strength)) - y_unseen)^2)

# 1. The derivative of the best weights, against the closed form: w = (X'X / n + s I)^-1 X'y / n.
let s = 0.1
let H = seen' @ seen / 200 + s * eye(65)
let exact = solve(H, seen' @ y_seen / 200)
let by_minimize = jvp(weights, s, 1)
assert max(abs(by_minimize[0] - exact)) < 1e-7
assert max(abs(by_minimize[1] + solve(H, exact))) < 1e-6     # dw/ds = -H^-1 w

# 2. Train the penalty. Its slope is one number; so is its curvature, and Newton's method needs no more.
var t = log(0.001)
print("penalty 0.001: error {validation(t):.4} on unseen patients")
for k in 0..12 {
  let (slope, curve) = (validation'(t), validation''(t))
  t -= if curve > 0 { clamp(slope / curve, -2, 2) } else { 2 * sign(slope) }
}
print("penalty {exp(t):.4}: error {validation(t):.4}")
assert abs(validation'(t)) < 1e-6

# 3. The same by looking: 60 penalties from 10^-4 to 10.
let grid = linspace(log(1e-4), log(10), 60)
let errors = [validation(g) for g in grid]
print("best of 60 tried: {exp(grid[argmin(errors)]):.4} with {min(errors):.4}")
assert validation(t) <= min(errors) + 1e-12

# 4. Who pulls hardest? Each patient's own gradient, all at once.
let w = weights(exp(t))
let pull = vmap(grad((w, row, truth) -> (dot(row, w) - truth)^2), axes: (nil, 0, 0))(w, seen, y_seen)
let strength = norm(pull, axis: 1)
let first = argmax(strength)
print("patient {first} pulls hardest: {strength[first]:.3}, the median patient {median(strength):.3}")
