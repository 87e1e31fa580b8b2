fn f(n) = 1 + f(n + 1)
print(try { f(0) } catch e { e.code })  # expect: E0504
print("goes on")                        # expect: goes on
# skip-san
