# implicit.gd -- what stands behind fixed_point, root and minimize.
#
# Each solver runs on plain values. The derivative of what it found is put on afterwards: with g(x) = 0 at the solution
# and J its Jacobian there, a plain matrix,
#
#     x  <-  x - J^-1 (g(x) - its plain value)
#
# leaves x as it is and gives it the derivative -J^-1 dg, whatever g depends on and in either mode: the implicit
# function theorem. Each further round makes one more order of derivatives right (the error of all orders is multiplied
# by I - J^-1 g'(x), which is zero to order 0), so there are as many rounds as derivatives are nested.
#
# cite  Griewank and Walther 2008, Evaluating Derivatives, ch. 15 (implicit differentiation)
# SPDX-License-Identifier: MIT

let dense = 200      # unknowns up to which the Jacobian is a matrix; above it there are products with it only

fn is_one(x) = type(x) == "number"
fn is_vector(x) = type(x) == "tensor" and x.rank == 1
fn size_of(x) = if is_one(x) { 1 } else { len(x) }
fn norm_of(x) = if is_one(x) { abs(x) } else { norm(x) }
fn scale_of(x) = max(1, norm_of(x))
fn plural(n) = if n == 1 { "" } else { "s" }
fn form(x) = if type(x) == "tensor" { "a tensor {x.shape}" } else { "a {type(x)}" }

## The floats of a tree as one vector; a number or a vector stays.
fn ravel(x) {
  if is_one(x) or is_vector(x) { return x }
  concat((if is_one(p) { [p] } else { reshape(p, p.size) } for p in _floats(x)))
}

## A tree like `like` with the elements of the vector v.
fn unravel(v, like) {
  if is_one(like) or is_vector(like) { return v }
  var parts = ()
  var at = 0
  for p in _floats(like) {
    if is_one(p) {
      parts = (...parts, v[at])
      at += 1
    } else {
      parts = (...parts, reshape(v[at:at + p.size], p.shape))
      at += p.size
    }
  }
  _put_floats(like, parts)
}

## x0 without derivatives, as a number or a tree of floats.
fn start(who, x0) {
  let x = stop_gradient(x0)
  if type(x) == "tensor" and len(_floats(x)) == 0 { return x as f64 }
  if len(_floats(x)) == 0 {
    _fail(201, "{who} starts from a number, a float tensor or a tree of these, not {form(x)}", nil)
  }
  x
}

## f(x, args...) as a function of a number or a vector.
fn flat(f, x0, args) {
  if not (is_one(x0) or is_vector(x0)) { return v -> ravel(f(unravel(v, x0), ...args)) }
  if len(args) == 0 { f } else { x -> f(x, ...args) }
}

fn same_form(who, y, x, what) {
  let fits = is_one(x) and is_one(y) or is_vector(x) and is_vector(y) and len(x) == len(y)
  if not fits {
    let n = if is_one(x) { "one number" } else { "{len(x)} unknowns" }
    let m = if is_vector(y) { "{len(y)} number{plural(len(y))} in a vector" } else { form(y) }
    _fail(213, "{who}: the function gives {m} for {n}", what)
  }
}

# ---- linear systems ----

## A x = b by GMRES (Saad and Schultz 1986), restarted; mv(v) is A v. Plain values.
fn gmres(mv, b) {
  let n = len(b)
  let width = min(n, 80)
  let goal = (if b.dtype == "f32" { 1e-6 } else { 1e-13 }) * norm(b)
  var x = 0 * b
  var r = b
  var left = norm(b)
  var cycle = 0
  while left > goal and cycle < 40 {
    var basis = (r / left,)
    var columns = ()                 # of the triangular factor, as lists of numbers
    var turns = ()                   # Givens rotations
    var rhs = (left,)
    var k = 0
    while k < width and abs(rhs[k]) > goal {
      var w = mv(basis[k])
      var h = ()
      for twice in 0..2 {            # orthogonal to working precision
        for i in 0..=k {
          let c = sum(w * basis[i])
          w = w - c * basis[i]
          if twice == 0 { h = (...h, c) } else { h[i] = h[i] + c }
        }
      }
      let below = norm(w)
      for i in 0..k {
        let (c, s) = turns[i]
        let (p, q) = (h[i], h[i + 1])
        h[i] = c * p + s * q
        h[i + 1] = c * q - s * p
      }
      let d = hypot(h[k], below)
      let (c, s) = if d == 0 { (1, 0) } else { (h[k] / d, below / d) }
      h[k] = d
      turns = (...turns, (c, s))
      columns = (...columns, h)
      let top = rhs[k]
      rhs[k] = c * top
      rhs = (...rhs, -s * top)
      k += 1
      if below == 0 or d == 0 { break }
      basis = (...basis, w / below)
    }
    var y = ()
    for i in 0..k { y = (...y, 0) }
    for m in 0..k {
      let i = k - 1 - m
      var t = rhs[i]
      for j in i + 1..k { t -= columns[j][i] * y[j] }
      if columns[i][i] == 0 { _fail(227, "a linear system of {n} unknowns is singular", nil) }
      y[i] = t / columns[i][i]
    }
    for i in 0..k { x = x + y[i] * basis[i] }
    r = b - mv(x)
    left = norm(r)
    cycle += 1
  }
  if not (left <= max(1e6 * goal, 1e-300)) {
    _fail(227, "a linear system of {n} unknowns is singular, or nearly: GMRES leaves a residual of {left:.2}",
          "it belongs to the solution's derivative, or to a Newton step")
  }
  x
}

## The same with a derivative by b; mvt(v) is A' v.
fn linear(mv, mvt, b) = gmres(mv, b)
adjoint linear(mv, mvt, b, y, dy) = (nil, nil, linear(mvt, mv, dy))
tangent linear(mv, mvt, b, dmv, dmvt, db) = linear(mv, mvt, db)

## Is J singular to working precision? Rows and columns are scaled first: units do not matter.
fn singular(J) {
  let rows = max(abs(J), axis: 1, keep: true)
  if not (min(rows) > 0) { return true }
  let A = J / rows
  let columns = max(abs(A), axis: 0, keep: true)
  if not (min(columns) > 0) { return true }
  let pivots = abs(diag(lu(A / columns).u))
  not (min(pivots) > (if J.dtype == "f32" { 1e-7 } else { 2e-16 }) * len(J))
}

fn no_slope(who) {
  let why = if who == "fixed_point" { "I - df/dx" } else if who == "minimize" { "the Hessian" } else { "df/dx" }
  _fail(227, "{who}: {why} is singular at the solution, so the solution has no derivative",
        "the solution does not move smoothly with what it depends on: it is multiple, or not isolated")
}

# ---- the derivative of a solution ----

## x with g(x) = 0, a number or a vector, with the derivatives that g carries.
fn implicit(who, g, x) {
  let levels = _levels(g)
  if levels == 0 or size_of(x) == 0 { return x }
  let g0 = stop_gradient(g)
  var z = x
  if is_one(x) {
    let slope = jvp(g0, (x,), (1,))[1]
    if slope == 0 or not is_finite(slope) { no_slope(who) }
    for k in 0..levels {
      let r = g(z)
      z = z - (r - stop_gradient(r)) / slope
    }
  } else if len(x) <= dense {
    let J = jacobian(g0)(x)
    if singular(J) { no_slope(who) }
    for k in 0..levels {
      let r = g(z)
      z = z - solve(J, r - stop_gradient(r))
    }
  } else {
    let mv = v -> jvp(g0, (x,), (v,))[1]
    let pull = vjp(g0, x)[1]
    for k in 0..levels {
      let r = g(z)
      z = z - linear(mv, pull, r - stop_gradient(r))
    }
  }
  z
}

## What a solver gives: the solution found in `end`, with its derivative, or an error, or the report.
fn finish(who, g, x0, end, report, max_steps) {
  if not end.converged and not report {
    let why = if not is_finite(end.residual) { "the function is not finite there" }
              else if end.steps < max_steps { "no step makes it smaller" } else { "max_steps: {max_steps}" }
    let what = if who == "minimize" { "the gradient's norm" } else { "the residual's norm" }
    _fail(314, "{who} did not converge: {what} is {end.residual:.3} after {end.steps} step{plural(end.steps)} ({why})",
          "start nearer to the solution, raise max_steps or tol, or look at report: true")
  }
  let x = if end.converged { implicit(who, g, end.x) } else { end.x }
  let tree = unravel(x, x0)
  if report { (x: tree, residual: end.residual, steps: end.steps, converged: end.converged) } else { tree }
}

# ---- fixed points ----

let window = 5

fn anderson(f, x0, tol, max_steps) {
  var x = x0
  var steps = 0
  var (dys, drs) = ((), ())            # differences of values and of residuals, newest last
  var (y_last, r_last) = (x0, x0)
  var best = inf
  while true {
    let y = f(x)
    let r = y - x
    let left = norm_of(r)
    if steps == 0 { same_form("fixed_point", y, x, "it gives the next x") }
    if left <= tol * scale_of(x) { return (x: y, residual: left, steps: steps, converged: true) }
    if steps >= max_steps or not is_finite(left) {
      return (x: x, residual: left, steps: steps, converged: false)
    }
    if steps > 0 {
      dys = (...dys, y - y_last)
      drs = (...drs, r - r_last)
      if len(dys) > window { (dys, drs) = (dys[1:], drs[1:]) }
    }
    if left > 2 * best { (dys, drs) = ((), ()) }
    best = min(best, left)
    (y_last, r_last) = (y, r)
    x = y
    if len(drs) > 0 {
      if is_one(x) {
        let slope = drs[-1]
        if slope != 0 { x = y - dys[-1] * r / slope }
      } else {
        let part = lstsq(stack(drs, axis: 1), r).x
        for i in 0..len(dys) { x = x - part[i] * dys[i] }
      }
      let moved = if is_one(x) { is_finite(x) } else { all(is_finite(x)) }
      if not moved {
        x = y
        (dys, drs) = ((), ())
      }
    }
    steps += 1
  }
}

fn fixed_point(f, x0, args, tol, max_steps, report) {
  let at = start("fixed_point", x0)
  let g = flat(f, at, args)
  let end = anderson(stop_gradient(g), ravel(at), tol, max_steps)
  finish("fixed_point", x -> g(x) - x, at, end, report, max_steps)
}

# ---- roots ----

## (d, true, at) with J d = r at x; where J is singular Levenberg's step instead, and false; nil where there is none.
## `at`: is the residual one that a change of x by `small` makes?
fn newton_step(g, x, r, small) {
  if is_one(x) {
    let slope = jvp(g, (x,), (1,))[1]
    return if slope == 0 { nil } else { (r / slope, true, abs(r / slope) <= small) }
  }
  if len(x) > dense {
    return try {
      let d = gmres(v -> jvp(g, (x,), (v,))[1], r)
      (d, true, norm(d) <= small)
    } catch e { nil }
  }
  let J = jacobian(g)(x)
  if not singular(J) {
    let d = solve(J, r)
    return (d, true, norm(d) <= small)
  }
  let M = J' @ J
  let slope = J' @ r
  let size = norm(M)
  if size == 0 or norm(slope) == 0 { return nil }
  let damping = (if J.dtype == "f32" { 1e-4 } else { 1e-8 }) * size
  (solve(M + diag(0 * x + damping), slope), false, all(abs(r) <= small * max(abs(J), axis: 1)))
}

## Newton's steps, halved until the residual gets smaller (Armijo 1966, on |g|).
fn newton(who, g, x0, tol, max_steps) {
  var x = x0
  var r = g(x)
  same_form(who, r, x, "a system has one equation for each unknown")
  var left = norm_of(r)
  var steps = 0
  while true {
    if left == 0 { return (x: x, residual: 0, steps: steps, converged: true) }
    if not is_finite(left) or steps >= max_steps { break }
    let step = newton_step(g, x, r, tol * scale_of(x))
    if type(step) == "nil" { break }
    let (d, regular, last) = step
    let close = regular and norm_of(d) <= 1e-7 * scale_of(x)
    var part = 1
    var found = false
    while part > 1e-12 and not found {
      let x1 = x - part * d
      let r1 = g(x1)
      let left1 = norm_of(r1)
      if left1 <= (1 - 1e-4 * part) * left {
        found = true
        (x, r, left) = (x1, r1, left1)
      } else if last or close and part < 1e-2 {
        break                          # rounding is all that is left
      } else {
        part /= 2
      }
    }
    steps += if found { 1 } else { 0 }
    if last or not found { return (x: x, residual: left, steps: steps, converged: last or close) }
  }
  (x: x, residual: left, steps: steps, converged: false)
}

## Brent's zero finder: secant and inverse quadratic steps inside a bracket, halved when these are slow.
fn brent(g, lo, hi, tol, max_steps) {
  var (a, b) = (lo, hi)
  var (fa, fb) = (g(a), g(b))
  same_form("root", fa, a, nil)
  if not (fa == 0 or fb == 0 or (fa < 0) != (fb < 0)) or is_nan(fa) or is_nan(fb) {
    _fail(210, "root: f does not change its sign between {lo} and {hi}: it is {fa:.4} and {fb:.4}",
          "a bracket has values of different sign at its ends; from one number root goes by Newton's steps")
  }
  var (c, fc) = (a, fa)
  var d = b - a
  var e = d
  var steps = 0
  while true {
    if (fb < 0) == (fc < 0) {
      (c, fc) = (a, fa)
      d = b - a
      e = d
    }
    if abs(fc) < abs(fb) {
      (a, b, c) = (b, c, b)
      (fa, fb, fc) = (fb, fc, fb)
    }
    let near = 4.4e-16 * abs(b) + 0.5 * tol * max(1, abs(b))
    let half = (c - b) / 2
    if abs(half) <= near or fb == 0 { return (x: b, residual: abs(fb), steps: steps, converged: is_finite(fb)) }
    if steps >= max_steps { return (x: b, residual: abs(fb), steps: steps, converged: false) }
    if abs(e) < near or abs(fa) <= abs(fb) {
      d = half
      e = half
    } else {
      let s = fb / fa
      var (p, q) = (2 * half * s, 1 - s)
      if a != c {
        let (u, r) = (fa / fc, fb / fc)
        p = s * (2 * half * u * (u - r) - (b - a) * (r - 1))
        q = (u - 1) * (r - 1) * (s - 1)
      }
      if p > 0 { q = -q } else { p = -p }
      if 2 * p < min(3 * half * q - abs(near * q), abs(e * q)) {
        e = d
        d = p / q
      } else {
        d = half
        e = half
      }
    }
    (a, fa) = (b, fb)
    b += if abs(d) > near { d } else if half > 0 { near } else { -near }
    fb = g(b)
    steps += 1
  }
}

fn is_bracket(x) =
  type(x) == "list" and len(x) == 2 and type(x[0]) == "number" and type(x[1]) == "number" and type(keys(x)[0]) == "nil"

fn root(f, x0, args, tol, max_steps, report) {
  if is_bracket(x0) {
    let (lo, hi) = stop_gradient(x0)
    let g = flat(f, lo, args)
    return finish("root", g, lo, brent(stop_gradient(g), lo, hi, tol, max_steps), report, max_steps)
  }
  let at = start("root", x0)
  let g = flat(f, at, args)
  finish("root", g, at, newton("root", stop_gradient(g), ravel(at), tol, max_steps), report, max_steps)
}

# ---- minimisers ----

fn half_square(r) = if type(r) == "number" { r } else { sum(r * r) / 2 }

fn minimize(f, x0, args, using_, tol, max_steps, report) {
  let at = start("minimize", x0)
  let h = flat_loss(f, at, args)
  let h0 = stop_gradient(h)
  let slope = grad(x -> half_square(h0(x)))
  var x = ravel(at)
  let y = h0(x)
  if type(y) != "number" and (type(y) != "tensor" or type(using_) == "nil") {
    _fail(304, "minimize: the function gives {form(y)}, not one number",
          "residuals, whose sum of squares is made least, go with using: lm() or gauss_newton()")
  }
  let goal = tol * max(1, abs(half_square(y)))
  var steps = 0
  if norm_of(slope(x)) > goal {
    let how = if type(using_) == "nil" { lbfgs() } else { using_ }
    let run = descend x using how for max_steps until gnorm <= goal { h0(x) }
    steps = run.steps
  }
  var left = norm_of(slope(x))
  # with many unknowns, where a step is long work, only if the optimiser stopped by itself
  if left > goal and is_finite(left) and (size_of(x) <= dense or steps < max_steps) {
    let end = newton("minimize", slope, x, 1e-14, 20)
    if end.residual < left and half_square(h0(end.x)) <= half_square(h0(x)) + 1e-12 * scale_of(half_square(h0(x))) {
      x = end.x
      left = end.residual
      steps += end.steps
    }
  }
  let end = (x: x, residual: left, steps: steps, converged: left <= goal)
  finish("minimize", grad(v -> half_square(h(v))), at, end, report, max_steps)
}

fn flat_loss(f, x0, args) {
  if is_one(x0) or is_vector(x0) { return if len(args) == 0 { f } else { x -> f(x, ...args) } }
  v -> f(unravel(v, x0), ...args)
}
