let a = 1; let b = 2; print(a + b)  # expect: 3
{ let c = 4; print(c) };;           # expect: 4
fn f(x) { let y = x; y + 1 }
print(f(1))  # expect: 2
