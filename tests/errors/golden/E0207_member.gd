let options = (lr: 0.1, momentum: 0.9)
print(options.momentun)
