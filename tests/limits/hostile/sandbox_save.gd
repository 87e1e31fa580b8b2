# stops: E0405
# sandbox
save("/tmp/../tmp/descent_hostile.txt", "x")
