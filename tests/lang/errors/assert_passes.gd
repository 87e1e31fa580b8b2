assert 1 < 2
assert true, "never shown"
assert all([1, 2] > 0)
print("done")  # expect: done
