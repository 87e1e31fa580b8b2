let c = zeros(3, 1) > 0
print(where(c, zeros(3), 1).shape)  # expect error: E0214
