var x = zeros(3)
x[3] = 1  # expect error: E0211
