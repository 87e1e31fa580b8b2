fn shout(s) = len(s)
print(grad(shout)("text"))
