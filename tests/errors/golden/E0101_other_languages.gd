# names of other languages that are no words of this one
print(np.zeros(3), torch.relu(2))
let xs = append((1, 2), 3)
let r = randn(3)
print(null)
let w = e^2
