# stops: E0501 E0503
var xs = ()
while true { xs = push(xs, "item {len(xs)}") }
