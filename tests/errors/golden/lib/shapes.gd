## x scaled by w.
fn scaled(x, w) = x * w
