use "lib/broken.gd" as b
print(b.f(1))
# expect error in broken.gd:2: E0101
