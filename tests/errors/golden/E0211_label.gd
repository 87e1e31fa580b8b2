# a label beyond the last class
let logits = ones(3, 4)
print(cross_entropy(logits, [0, 4, 1]))
