save("x.json", (a: "q\u{0}z", b: (1, 2)))
print(len(load("x.json").a), load("x.json").b)   # expect: 3 [1, 2]
save("x.safetensors", (a: "q\u{0}z"))
print(load("x.safetensors").a == "q\u{0}z")      # expect: true
