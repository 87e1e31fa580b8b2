let options = (lr: 0.1, steps: 100)
print(options.tolerance)
