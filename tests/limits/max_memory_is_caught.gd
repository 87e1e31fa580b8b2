# args: --max-memory 50M
print(try { sum(ones(100_000_000)) } catch e { e.code })  # expect: E0501
print(sum(ones(1_000_000)))                               # expect: 1000000
