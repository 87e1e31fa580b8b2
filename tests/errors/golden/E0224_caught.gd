fn risky(x) {
  try { error("no {x}") } catch e { error(e) }
}
risky(3)
