{ let inner = 1; print(inner) }
print(inner)  # expect error: E0101
