# the number of arguments is looked at before it can wrap around
fn f(...xs) = len(xs)
print(try { f(1, 2, 3, ...0..1e30, ...0..1e30) } catch e { e.code })   # expect: E0203
print(f(0, ...0..3, ...(7, 8)))                                        # expect: 6
