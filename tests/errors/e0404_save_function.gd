save("f.safetensors", (w: [1, 2], f: x -> x))  # expect error: E0404
