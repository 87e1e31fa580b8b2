let x = zeros(3_000_000_000, 3_000_000_000, 3_000_000_000)  # expect error: E0506|E0501
print(x.shape)
