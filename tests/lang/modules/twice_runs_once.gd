use "lib/prints.gd" as a
use "lib/prints_too.gd" as b
print(a.v + b.w)
# expect: loaded
# expect: 3
