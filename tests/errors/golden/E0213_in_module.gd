# the mistake is in the module of the user: its line is shown, and who called it
use "lib/shapes.gd" as shapes
let table = ones(4, 3)
print(shapes.scaled(table, [1, 2]))
