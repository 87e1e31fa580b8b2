fn code(f) = try { f(); "fine" } catch e { e.code }
print(code(() -> jvp(x -> x, [1, 2], [1, 2, 3])))         # expect: E0213
print(code(() -> jvp(x -> x, [1, 2], 1)))                 # expect: E0201
print(code(() -> jvp((x, y) -> x, (1, 2), (1,))))         # expect: E0208
print(code(() -> jvp((x, y) -> x, (1, 2), 1)))            # expect: E0208
print(code(() -> jvp(t -> t[0], ((1, 2),), ((1, 2, 3),))))  # expect: E0208
print(code(() -> jvp(x -> x, [1, 2] as i64, [1, 0])))     # expect: E0302
print(code(() -> jvp(x -> x, "a", 1)))                    # expect: E0301
print(code(() -> jvp(x -> error("no"), 1, 1)))            # expect: E0224
print(jvp(x -> x * 2, 1, 1))                              # expect: (2, 2)
