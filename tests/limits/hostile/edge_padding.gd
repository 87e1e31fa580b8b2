# stops: E0501 E0506 E0210
print(conv2d(ones(1, 1, 5, 5), ones(1, 1, 2, 2), padding: 1e9).shape)
