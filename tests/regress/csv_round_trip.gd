# text that looks like a number, holds separators or begins with a space comes back as the same text
let names = ("a,b", "5", " x", "say \"hi\"", "1e3", "plain")
save("t.csv", (name: names, v: (1, 2, 3, 4, 5, 6)))
let t = load("t.csv")
print(t.name == names, type(t.v), sum(t.v))    # expect: true tensor 21
