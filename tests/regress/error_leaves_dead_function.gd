# the function that fails may be freed while its error passes upwards
fn make(n) = x -> if x > n { error("boom {x}") } else { x }  # expect error: E0224: boom 9
let message = try { make(2)(3) } catch e { e.message }
print(message)                          # expect: boom 3
print((make(5))(9))
