adjoint nothere(x, y, dy) = dy  # expect error: E0116
print(1)
