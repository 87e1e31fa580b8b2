# after a point every word is a name
let r = (let: 1, if: 2, for: 3, model: 4, true: 5)
print(r.model)  # expect: 4
print(r["if"])  # expect: 2
print(r.let + r.if + r.for + r.true)  # expect: 11
