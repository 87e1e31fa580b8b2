print(conv1d(ones(1, 8), ones(2, 1, 3), stride: 0))
