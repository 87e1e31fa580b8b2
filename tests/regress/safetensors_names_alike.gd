# two paths that read the same are still two tensors
save("h.txt", "a.b,c,__metadata__\n1,2,3\n")
save("twice.txt", "v,v\n1,2\n")
let t = (a: (b: [5]), table: read_csv("twice.txt"), ...read_csv("h.txt"))
save("m.safetensors", t)
print(load("m.safetensors") == t)    # expect: true
print(load("m.safetensors"))         # expect: (a: (b: [5]), table: (v: [1], v: [2]), "a.b": [1], c: [2], __metadata__: [3])
