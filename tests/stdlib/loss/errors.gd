print(try { cross_entropy(ones(2, 3), [0, 3]) } catch e { e.message })
# expect: cross_entropy: label 3 of row 1 is out of range: the classes are 0 to 2
print(try { cross_entropy(ones(2, 3), [0, -1]) } catch e { e.code })    # expect: E0211
print(try { cross_entropy(ones(2, 3), [0, 0.5]) } catch e { e.code })   # expect: E0212
print(try { cross_entropy(ones(2, 3), [0, 1, 2]) } catch e { e.code })  # expect: E0213
print(try { mse(ones(3, 1), ones(3)) } catch e { e.code })              # expect: E0213
print(try { mse("a", 1) } catch e { e.code })                           # expect: E0201
print(try { huber([1], [2], delta: 0) } catch e { e.code })             # expect: E0210
print(try { accuracy(zeros(0, 3), zeros(0)) } catch e { e.code })       # expect: E0221
mse(ones(3, 1), ones(3))  # expect error: E0213
# expect hint: [:, 0]
