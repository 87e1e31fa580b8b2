# stops: E0226 E0504 E0501
fn f(k) = if k == 0 { x -> x } else { vmap(f(k - 1)) }
print(f(5000)(ones(2)))
