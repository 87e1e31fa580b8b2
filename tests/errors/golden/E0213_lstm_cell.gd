# weights of three gates
let h = ones(2, 3)
print(lstm_cell(ones(2, 4), (h, h), ones(4, 9), ones(3, 9)))
