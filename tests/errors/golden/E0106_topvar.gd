var count = 0
fn bump(x) = x + count
