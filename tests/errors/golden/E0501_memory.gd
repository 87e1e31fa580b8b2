# args: --max-memory 64M
fn table(n) = ones(n, n)
print(sum(table(10_000)))
