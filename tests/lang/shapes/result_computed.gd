fn diffs(x[n]) -> [n - 1] = x[1:] - x[:-1]
print(diffs([1, 4, 9]))   # expect: [3, 5]
fn pairs(x[n]) -> [n, 2 * n] = zeros(n, 2 * n)
print(pairs([1, 2]).shape)  # expect: (2, 4)
