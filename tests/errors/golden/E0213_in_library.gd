# inside a module that comes with Descent the line of the caller is shown
use nn
let layer = nn.Linear(3, 4)
print(layer(ones(2, 5)))
