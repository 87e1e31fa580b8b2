use nn
let layer = nn.Conv2d(1, 4, 5)
print(layer(ones(2, 1, 4, 28)).shape)
