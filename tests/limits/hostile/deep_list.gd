# stops: fine E0501 E0504
var x = 1
for i in 0..200000 { x = (x,) }
let y = x
try { print(x) } catch e { }
try { print(x == y) } catch e { }
try { print(len(str(x))) } catch e { }
x = nil
