# ode.gd -- what stands behind odeint.
#
# The steps are chosen on plain values, and land on every ts. Where a derivative watches, the steps that were accepted
# are then taken again with the values it watches: between two ts each step is a fixed fraction of the interval, so the
# derivative by ts is exact too, and the choice of the steps has none (discretise, then differentiate).
#
# With gradient: "adjoint" the solution is one call with rules of its own: backwards the adjoint equation
# a' = -a df/dy is solved from each ts to the one before (Pontryagin; Chen et al. 2018), forwards the variational
# equation s' = df/dy s + df/dp. What f and args hold is taken out of them as a list p of parameters. Both rules are
# made of odeint, so they differentiate again.
#
# cite  Hairer, Norsett and Wanner 1993, Solving Ordinary Differential Equations I: ch. II.4 (steps), II.5 (5(4) pair of
#       Dormand and Prince 1980); Hairer and Wanner 1996, II: ch. IV.7 and RODAS (coefficients of Rodas)
# SPDX-License-Identifier: MIT
use implicit as tree

fn rms(x) = if tree.is_one(x) { abs(x) } else if len(x) == 0 { 0 } else { norm(x) / sqrt(x.size) }

# ---- one step of each method: (y at t + h, what its error is made of, f there) ----

fn dormand_prince(f, t, h, y, k1) {
  let k2 = f(t + h / 5, _combine(y, h, 0.2, k1))
  let k3 = f(t + 0.3 * h, _combine(y, h, 3 / 40, k1, 9 / 40, k2))
  let k4 = f(t + 0.8 * h, _combine(y, h, 44 / 45, k1, -56 / 15, k2, 32 / 9, k3))
  let k5 = f(t + 8 / 9 * h,
             _combine(y, h, 19372 / 6561, k1, -25360 / 2187, k2, 64448 / 6561, k3, -212 / 729, k4))
  let k6 = f(t + h, _combine(y, h, 9017 / 3168, k1, -355 / 33, k2, 46732 / 5247, k3, 49 / 176, k4, -5103 / 18656, k5))
  let z = _combine(y, h, 35 / 384, k1, 500 / 1113, k3, 125 / 192, k4, -2187 / 6784, k5, 11 / 84, k6)
  (z, (k1, k3, k4, k5, k6), f(t + h, z))
}

fn dormand_prince_error(h, s, k7) {
  let (k1, k3, k4, k5, k6) = s
  _combine(nil, h, 71 / 57600, k1, -71 / 16695, k3, 71 / 1920, k4, -17253 / 339200, k5, 22 / 525, k6, -1 / 40, k7)
}

fn runge_kutta(f, t, h, y, k1) {
  let k2 = f(t + h / 2, y + (h / 2) * k1)
  let k3 = f(t + h / 2, y + (h / 2) * k2)
  let k4 = f(t + h, y + h * k3)
  let z = _combine(y, h, 1 / 6, k1, 1 / 3, k2, 1 / 3, k3, 1 / 6, k4)
  (z, nil, f(t + h, z))
}

fn rodas(f, t, h, y, k1) {
  let J = jacobian(u -> f(t, u))(y)
  let ft = h * jvp(s -> f(s, y), (t,), (1,))[1]
  let W = diag(0 * y + 4 / h) - J
  let s1 = solve(W, k1 + 0.25 * ft)
  let s2 = solve(W, f(t + 0.386 * h, y + 1.544 * s1) - 0.1043 * ft - (5.6688 / h) * s1)
  let s3 = solve(W, f(t + 0.21 * h, y + 0.9466785280815826 * s1 + 0.2557011698983284 * s2) + 0.1035 * ft -
                    (2.430093356833875 * s1 + 0.2063599157091915 * s2) / h)
  let s4 = solve(W, f(t + 0.63 * h, y + 3.314825187068521 * s1 + 2.896124015972201 * s2 + 0.9986419139977817 * s3) -
                    0.03620000000000023 * ft -
                    (0.1073529058151375 * s1 + 9.594562251023355 * s2 + 20.47028614809616 * s3) / h)
  let u = y + 1.221224509226641 * s1 + 6.019134481288629 * s2 + 12.53708332932087 * s3 - 0.6878860361058950 * s4
  let s5 = solve(W, f(t + h, u) + (7.496443313967647 * s1 - 10.24680431464352 * s2 - 33.99990352819905 * s3 +
                                   11.70890893206160 * s4) / h)
  let v = u + s5
  let s6 = solve(W, f(t + h, v) + (8.083246795921522 * s1 - 7.981132988064893 * s2 - 31.52159432874371 * s3 +
                                   16.31930543123136 * s4 - 6.058818238834054 * s5) / h)
  let z = v + s6
  (z, s6, f(t + h, z))
}

fn method_of(name) {
  if name == "rk45" { return (step: dormand_prince, error: dormand_prince_error, order: 5, fixed: false) }
  if name == "stiff" { return (step: rodas, error: (h, e, k) -> e, order: 4, fixed: false) }
  if name == "rk4" { return (step: runge_kutta, order: 4, fixed: true) }
  _fail(210, "odeint: there is no method \"{name}\"", "methods are \"rk45\", \"stiff\" and \"rk4\"")
}

# ---- choosing steps, on plain values ----

## A first step (Hairer I, II.4): an explicit Euler step tells how fast f changes.
fn first_step(f, t, y, k, way, span, m, o) {
  if type(o.first) == "number" { return min(abs(o.first), span) }
  let scale = o.atol + o.rtol * abs(y)
  let (d0, d1) = (rms(y / scale), rms(k / scale))
  let h0 = min(if d0 < 1e-5 or d1 < 1e-5 { 1e-6 } else { 0.01 * d0 / d1 }, span)
  let d2 = rms((f(t + way * h0, y + (way * h0) * k) - k) / scale) / h0
  let steep = max(d1, d2)
  let h1 = if steep <= 1e-15 { max(1e-6, 1e-3 * h0) } else { (0.01 / steep) ^ (1 / m.order) }
  if is_finite(h1) { min(100 * h0, h1, span) } else { h0 }
}

fn stuck(t, steps, why, o) {
  let hint = if steps >= o.max { "raise max_steps or rtol; a stiff equation wants method: \"stiff\"" }
             else if o.method == "stiff" { "the solution may have a singularity there, or f a jump" }
             else { "the solution may have a singularity there; a stiff equation wants method: \"stiff\"" }
  _fail(315, "odeint cannot go on at t = {t} after {steps} step{if steps == 1 { "" } else { "s" }}: {why}", hint)
}

## (ys, plan): the solution at each of ts (numbers), and for each interval its steps as fractions (at, length) of it.
fn adaptive(f, y0, ts, m, o) {
  var (y, k) = (y0, f(ts[0], y0))
  var ys = (y0,)
  var plan = ()
  var (h, before, steps) = (0, 1e-4, 0)
  let (advance, estimate, atol, rtol) = (m.step, m.error, o.atol, o.rtol)
  let (alpha, beta) = if m.order == 5 { (0.17, 0.04) } else { (0.25, 0) }      # II (IV.2.43c): h err^-alpha before^beta
  for i in 1..len(ts) {
    let (from, to) = (ts[i - 1], ts[i])
    let (span, way) = (abs(to - from), if to < from { -1 } else { 1 })
    if h == 0 and span > 0 { h = first_step(f, from, y, k, way, span, m, o) }
    var done = 0                       # of the span
    var mine = ()
    var rejected = false
    while done < span {
      let rest = span - done
      let last = h >= rest * (1 - 1e-12)
      let part = if last { rest } else if h > 0.5 * rest { 0.5 * rest } else { h }
      let t = from + way * done
      if steps >= o.max { stuck(t, steps, "max_steps: {o.max}", o) }
      if part <= 4e-16 * max(abs(t), abs(to)) and not last { stuck(t, steps, "the step would be {part:.2}", o) }
      let (z, stages, kz) = advance(f, t, way * part, y, k)
      let error = _error(estimate(way * part, stages, kz), y, z, kz, atol, rtol)
      steps += 1
      if error <= 1 {
        mine = (...mine, (done / span, part / span))
        done = if last { span } else { done + part }
        (y, k) = (z, kz)
        let grow = 0.9 * max(error, 1e-10) ^ -alpha * before ^ beta
        let next = part * min(max(grow, 0.2), if rejected { 1 } else { 10 })
        # a step that was cut short by one of ts does not slow the next
        h = if part < h and next > 0.2 * h { max(h, next) } else { next }
        before = max(error, 1e-4)
        rejected = false
      } else {
        if part < 1e-300 or not is_finite(part) { stuck(t, steps, "f is not finite there", o) }
        h = part * (if is_finite(error) { max(0.1, 0.9 * error ^ -(1 / m.order)) } else { 0.1 })
        rejected = true
      }
    }
    ys = (...ys, y)
    plan = (...plan, mine)
  }
  (ys, plan)
}

## The plan of equal steps.
fn equal(n, parts) {
  let mine = ((k / parts, 1 / parts) for k in 0..parts)
  (mine for i in 1..n)
}

## The solution at ts by the steps of a plan; any of f, y0 and ts may be watched by derivatives.
fn follow(f, y0, ts, plan, m, keep) {
  let advance = m.step
  let plain = (t, h, y, k) -> {
    let (z, stages, kz) = advance(f, t, h, y, k)
    (z, kz)
  }
  let step = if keep { plain } else { checkpoint(plain) }
  var (y, k) = (y0, f(ts[0], y0))
  var ys = (y0,)
  for i in 1..len(ts) {
    let from = ts[i - 1]
    let span = ts[i] - from
    for (at, part) in plan[i - 1] { (y, k) = step(from + at * span, part * span, y, k) }
    # a time that comes twice takes no steps; one of length 0 carries the derivative by it
    if len(plan[i - 1]) == 0 {
      let (z, stages, kz) = dormand_prince(f, from, span, y, k)
      (y, k) = (z, kz)
    }
    ys = (...ys, y)
  }
  ys
}

## The solution, a list of y at each of ts; y is a number or a vector.
fn solution(f, y0, ts, o) {
  let m = method_of(o.method)
  let watched = _levels((f, y0, ts)) > 0
  if m.fixed { return follow(f, y0, ts, equal(len(ts), o.substeps), m, o.gradient != "checkpoint") }
  let (ys, plan) = adaptive(stop_gradient(f), stop_gradient(y0), stop_gradient(ts), m, o)
  if watched { follow(f, y0, ts, plan, m, o.gradient != "checkpoint") } else { ys }
}

# ---- the adjoint equation ----

## The solution by what f holds at `at`: p. Rows of a tensor [ts, y].
fn whole(f, at, p, y0, ts, o) = stack(solution(_put_at(f, at, p), y0, ts, o), axis: 0)

## As a function of a vector alone: y at ts.
fn again(f, y0, ts, o) = odeint(f, y0, ts, (), o.method, o.rtol, o.atol, o.max, nil, o.substeps, "adjoint")

adjoint whole(f, at, p, y0, ts, o, ys, dys) {
  let n = len(ts)
  let g = (y, q, t) -> _put_at(f, at, q)(t, y)
  # d/dt of (y, a, dp), going back; a and dp of one sweep of sum(a f)
  let back = (t, s) -> {
    let (y, a, dp) = s
    let (both, slopes) = value_and_grad((y, q) -> {
      let k = g(y, q, t)
      (sum(a * k), k)
    }, wrt: (0, 1), aux: true)(y, p)
    (both[1], -slopes[0], map_leaves(slopes[1], u -> -u))
  }
  var a = 0 * dys[0]
  var dp = 0 * p
  var dts = ()
  for j in 1..n {
    let i = n - j
    dts = (sum(dys[i] * g(ys[i], p, ts[i])), ...dts)
    a = a + dys[i]
    let s = again(back, (ys[i], a, dp), (ts[i], ts[i - 1]), o)
    a = s[1][-1]
    dp = map_leaves(s[2], u -> u[-1])
  }
  dts = (-sum(a * g(ys[0], p, ts[0])), ...dts)
  (nil, nil, dp, a + dys[0], dts, nil)
}

tangent whole(f, at, p, y0, ts, o, df, dat, dp, dy0, dts, dopts) {
  let g = (y, q, t) -> _put_at(f, at, q)(t, y)
  let both = (t, s) -> {
    let (y, v) = s
    jvp((y, q) -> g(y, q, t), (y, p), (v, dp))
  }
  let moves = ts_moves(dts)
  let v0 = if moves { dy0 - dts[0] * g(y0, p, ts[0]) } else { dy0 }
  let (ys, vs) = again(both, (y0, v0), ts, o)
  if not moves { return vs }
  stack((if i == 0 { dy0 } else { vs[i] + dts[i] * g(ys[i], p, ts[i]) } for i in 0..len(ts)), axis: 0)
}

fn ts_moves(dts) = type(dts) == "list" and len((d for d in dts if type(d) == "number")) > 0

fn by_adjoint(f, y0, ts, o) {
  let (at, p) = _traced(f)
  whole(stop_gradient(f), at, p, y0, ts, o)
}

# ---- odeint ----

fn times(ts) {
  let some = type(ts) == "list" or type(ts) == "range" or type(ts) == "tensor"
  if not some {
    _fail(201, "odeint: `ts` takes the times in a vector or a list, not {tree.form(ts)}",
          "ts[0] is the time of y0: [0, 1]")
  }
  let list = if type(ts) == "list" { ts } else { (t for t in ts) }
  if len(list) == 0 { _fail(210, "odeint: ts is empty; it starts with the time of y0", nil) }
  for t in list {
    if type(t) != "number" {
      _fail(201, "odeint: `ts` takes a vector or a list of numbers, not one with {tree.form(t)}", nil)
    }
  }
  for i in 1..len(list) {
    let d = list[i] - list[i - 1]
    if not is_finite(d) or d * (list[-1] - list[0]) < 0 {
      _fail(210, "odeint: ts goes up or down throughout; ts[{i}] = {list[i]} comes after {list[i - 1]}", nil)
    }
  }
  list
}

## f on flat states, and checked once.
fn flat(f, y0, args) {
  if tree.is_one(y0) or type(y0) == "tensor" and y0.rank == 1 {
    return if len(args) == 0 { f } else { (t, y) -> f(t, y, ...args) }
  }
  let like = stop_gradient(y0)
  (t, v) -> tree.ravel(f(t, tree.unravel(v, like), ...args))
}

fn same_form(k, y) {
  let fits = tree.is_one(y) and tree.is_one(k) or type(y) == "tensor" and type(k) == "tensor" and y.shape == k.shape
  if not fits {
    _fail(213, "odeint: f gives {tree.form(k)} for a state that is {tree.form(y)}",
          "f(t, y) gives dy/dt, which has y's form")
  }
}

fn odeint(f, y0, ts, args, method, rtol, atol, max_steps, first, substeps, gradient) {
  if gradient != "steps" and gradient != "checkpoint" and gradient != "adjoint" {
    _fail(210, "odeint: there is no gradient \"{gradient}\"", "it is \"steps\", \"checkpoint\" or \"adjoint\"")
  }
  if not (rtol >= 0 and atol >= 0 and rtol + atol > 0) or substeps < 1 or max_steps < 0 {
    _fail(210, "odeint: rtol, atol and max_steps are not negative, not both tolerances are 0; substeps is at least 1",
          nil)
  }
  if type(first) == "number" and not (abs(first) > 0) { _fail(210, "odeint: first_step is not {first}", nil) }
  let o = (method: method, rtol: rtol, atol: atol, max: max_steps, first: first, substeps: substeps, gradient: gradient)
  let start = if type(y0) == "tensor" and len(_floats(y0)) == 0 { y0 as f64 } else { y0 }
  if len(_floats(start)) == 0 {
    _fail(201, "odeint: y0 is a number, a float tensor or a tree of these, not {tree.form(y0)}", nil)
  }
  let at = times(ts)
  let g = flat(f, start, args)
  let v = tree.ravel(start)
  same_form(stop_gradient(g)(stop_gradient(at[0]), stop_gradient(v)), v)
  # Rodas and the adjoint equation take vectors
  let wrap = tree.is_one(v) and (method == "stiff" or gradient == "adjoint")
  let h = if wrap { (t, u) -> [g(t, u[0])] } else { g }
  let w = if wrap { [v] } else { v }
  let rows = if gradient == "adjoint" and _levels((h, w, at)) > 0 { by_adjoint(h, w, at, o) }
             else { solution(h, w, at, o) }
  shape_back(rows, start, wrap)
}

## Rows of flat states as y's form with a first axis for ts.
fn shape_back(rows, like, wrap) {
  let n = len(rows)
  if tree.is_one(like) { return if wrap { [rows[i][0] for i in 0..n] } else { [rows[i] for i in 0..n] } }
  let all = if type(rows) == "tensor" { rows } else { stack(rows, axis: 0) }
  if type(like) == "tensor" { return if like.rank == 1 { all } else { reshape(all, (n, ...like.shape)) } }
  var parts = ()
  var at = 0
  for p in _floats(like) {
    if tree.is_one(p) {
      parts = (...parts, all[:, at])
      at += 1
    } else {
      parts = (...parts, reshape(all[:, at:at + p.size], (n, ...p.shape)))
      at += p.size
    }
  }
  _put_floats(like, parts)
}
