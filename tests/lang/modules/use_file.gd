use "lib/shapes.gd" as s
print(s.area(2, 3))      # expect: 6
print(s.unit)            # expect: cm
let b = s.Box(2)
print(b.w, b.volume())   # expect: [1, 1] 2
print(s.with_helper(1))  # expect: 101
