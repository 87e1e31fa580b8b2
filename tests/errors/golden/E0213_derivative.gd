fn misfit(w, x, y) {
  let p = x @ w
  sum((p - y)^2)
}
let gradient = grad(misfit)([1, 2], ones(5, 3), zeros(5))
