let r = (rate: 1, name: "x")
print(r.ratee)  # expect error: E0207
# expect hint: rate
