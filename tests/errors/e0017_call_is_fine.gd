# a call may have effects: no error
fn f(x) { print("called"); x }
f(1)      # expect: called
f(1) + 1  # expect: called
