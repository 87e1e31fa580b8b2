var w = 1
descend w using 0.1 for 1 { w ^ 2 }  # expect error: E0313|E0201
