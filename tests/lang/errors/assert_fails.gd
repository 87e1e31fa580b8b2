let gap = 0.5
assert gap < 0.1, "did not converge"  # expect error: E0223: did not converge
