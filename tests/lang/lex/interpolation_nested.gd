fn f(x, k: 1) = "<{x}{k}>"
let xs = [10, 20, 30, 40]
print("a {f("b {1 + 1} c")} d")     # expect: a <b 2 c1> d
print("{f(1, k: 2)}")               # expect: <12>
print("{xs[1:3]}")                  # expect: [20, 30]
print("{ {let t = 3; t * 2} }")     # expect: 6
print("{if xs[0] > 5 { "big" } else { "small" }}")  # expect: big
print("{(x -> x + 1)(4)}")          # expect: 5
print("{"{"{"deep"}"}"}")           # expect: deep
print("{len("}")}")                 # expect: 1
print("{(a: 1, b: 2).b}")           # expect: 2
