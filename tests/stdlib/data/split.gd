use data
seed(1)
let set = (x: reshape(range(0, 20), 10, 2), y: range(0, 10))
let (train, test) = data.split(set, 0.8)
print(train.x.shape, test.x.shape, len(train.y), len(test.y))  # expect: (8, 2) (2, 2) 8 2
print(sum(train.y) + sum(test.y))      # expect: 45
print(all(train.x[:, 0] == 2 * train.y))  # expect: true
