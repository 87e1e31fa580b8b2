# stops: E0501 E0503
let s = join(("x" for i in 0..1e5), "y")
print(len(join((s for i in 0..1e5), s)))
