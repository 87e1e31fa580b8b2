# reductions of nothing that have a value
print(sum(zeros(0)), prod(zeros(0)), norm(zeros(0)))  # expect: 0 1 0
print(all(zeros(0) > 0), any(zeros(0) > 0))           # expect: true false
print(sum(zeros(0, 3), axis: 0))                      # expect: [0, 0, 0]
print(sum(zeros(2, 0), axis: 1))                      # expect: [0, 0]
print(norm(zeros(2, 0), axis: 1))                     # expect: [0, 0]
print(cumsum(zeros(0)).shape, sort(zeros(0)).shape)   # expect: (0,) (0,)
