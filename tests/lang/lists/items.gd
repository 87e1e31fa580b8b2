let r = (a: 1, b: "two")
for (k, v) in items(r) { print(k, v) }
# expect: a 1
# expect: b two
for v in r { print(v) }
# expect: 1
# expect: two
print((k for (k, v) in items(r)))  # expect: ("a", "b")
