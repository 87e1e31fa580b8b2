# args: --sandbox
print(1)  # expect: 1
save("x.npy", [1, 2])  # expect error: E0405
