fn f(x, rate: 2) = x * rate
print(try { grad(f, wrt: "rte")(1, 2) } catch e { e.code })  # expect: E0204
print(try { grad(f, wrt: "rate")(1) } catch e { e.code })    # expect: E0203
print(try { grad(f, wrt: 3)(1) } catch e { e.code })         # expect: E0203
print(try { grad(f, wrt: (0, 0))(1) } catch e { e.code })    # expect: E0210
print(try { grad(f)() } catch e { e.code })                  # expect: E0203
print(try { grad(5) } catch e { e.code })                    # expect: E0201
print(grad(f, wrt: ("rate", 0))(3, rate: 7))                 # expect: (3, 7)
print(grad(grad(f), wrt: "rate")(3, rate: 7))                # expect: 1
