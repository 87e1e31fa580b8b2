let p = zeros(3, 1)
let y = zeros(3)
print((p - y).shape)  # expect error: E0214
# expect hint: [:, 0]
