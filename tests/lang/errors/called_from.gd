fn inner(x) = x[10]  # expect error: E0211
fn outer(x) = inner(x)
print(outer([1]))
# expect hint: called from
