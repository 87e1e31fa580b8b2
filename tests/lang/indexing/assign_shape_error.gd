var x = zeros(3)
x[0:2] = [1, 2, 3]  # expect error: E0213|E0214
