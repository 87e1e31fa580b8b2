let a = ones(1_000_000)
print(sum(a[:, new] * a[new, :]))  # expect error: E0501|E0506
# args: --max-memory 200M
