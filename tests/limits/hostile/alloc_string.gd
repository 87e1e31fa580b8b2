# stops: E0501
var s = "x"
while true { s = s + s }
