save("t.json", (a: 1, b: (x: "s", y: nil), c: true))
let t = load("t.json")
print(t.a, t.b.x, t.b.y, t.c)   # expect: 1 s nil true
