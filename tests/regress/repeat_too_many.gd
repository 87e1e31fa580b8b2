# sizes that leave 64 bits are refused
print(try { repeat([1, 2, 3], 4611686018427387904) } catch e { e.code })      # expect: E0506
print(try { repeat([1, 2, 3, 4], 4611686018427387904) } catch e { e.code })   # expect: E0506
print(try { tile([1, 2, 3, 4, 5], 2305843009213693952) } catch e { e.code })  # expect: E0506
