# stops: E0501 E0503
# files
var x = (1, "lol")
for i in 0..60 { x = (x, x) }
save("/tmp/descent_hostile.safetensors", x)
