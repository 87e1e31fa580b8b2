# fails when asked to
fn at(x, i) = x[i]
