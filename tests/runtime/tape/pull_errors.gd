let p = vjp(x -> (x ^ 2, sum(x)), [1, 2])[1]
print(p(([1, 1], nil)))                        # expect: [2, 4]
print(try { p(([1, 1, 1], 0)) } catch e { e.code })  # expect: E0213
print(try { p((1, 0)) } catch e { e.code })    # expect: E0201
print(try { p([1, 1]) } catch e { e.code })    # expect: E0208
