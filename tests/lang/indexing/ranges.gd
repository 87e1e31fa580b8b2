# a range works as an index
let x = range(0, 10)
let r = 2..5
print(x[r])      # expect: [2, 3, 4]
print(x[0..=1])  # expect: [0, 1]
print("hello"[1..3])  # expect: el
let A = [[1, 2, 3], [4, 5, 6]]
print(A[:, 1..3][1])  # expect: [5, 6]
