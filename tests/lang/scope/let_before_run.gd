fn f() = late  # expect error: E0206
print(f())
let late = 3
# expect hint: called from
