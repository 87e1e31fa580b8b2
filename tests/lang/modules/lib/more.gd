let hundred = 100
fn add(x) = x + hundred
