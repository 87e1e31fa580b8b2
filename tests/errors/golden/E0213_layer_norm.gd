# the gain of a layer norm has the size of the last axis
let x = ones(2, 4)
let gain = ones(3)
print(layer_norm(x, gain))
