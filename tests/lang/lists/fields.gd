let r = (lr: 0.1, name: "x", 3)
print(r.lr)       # expect: 0.1
print(r[0])       # expect: 0.1
print(r["name"])  # expect: x
print(r[2])       # expect: 3
print(r[-1])      # expect: 3
print(len(r))     # expect: 3
print(has(r, "lr"), has(r, "no"))  # expect: true false
print(r)          # expect: (lr: 0.1, name: "x", 3)
let key = "name"
print(r[key])     # expect: x
