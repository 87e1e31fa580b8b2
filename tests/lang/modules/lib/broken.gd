# a module with a fault
fn f(x) = x + missing_name
