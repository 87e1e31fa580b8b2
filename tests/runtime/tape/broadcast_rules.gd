# a stretched operand gets the sum over what it was stretched along
let x = ones(3, 2)
let W = [[1, 2], [3, 4], [5, 6]]
print(grad(b -> sum(W * (x + b)))([0, 0]))          # expect: [9, 12]
print(grad(c -> sum(W * (x + c)))([[0], [0], [0]]).shape)  # expect: (3, 1)
print(grad(c -> sum(W * (x * c)))([[1], [1], [1]])[:, 0])  # expect: [3, 7, 11]
print(grad(k -> sum(W * k))(2))                     # expect: 21
