save("x.npy", zeros(1000))
save("x.npy", [1, 2])
print(load("x.npy"))  # expect: [1, 2]
