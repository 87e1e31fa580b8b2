fn f() = late + 1
let late = 3
print(f())  # expect: 4
