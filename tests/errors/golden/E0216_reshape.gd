let image = range(0, 64)
print(reshape(image, 8, 9))
