save("t.npy", (a: [1], b: [2]))  # expect error: E0404
