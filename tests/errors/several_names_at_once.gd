print(undefined_a)  # expect error: E0101
let x = 1
x = 2               # expect error: E0104
let x = 3           # expect error: E0103
fn f() = undefined_b  # expect error: E0101
