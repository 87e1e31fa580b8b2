var r = (a: 1, 2)
r.a = 5
r[1] = "two"
print(r)        # expect: (a: 5, "two")
r["a"] = nil
print(r)        # expect: (a: nil, "two")
