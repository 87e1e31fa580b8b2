let x = reshape(range(0, 6), 2, 3)
save("x.npy", x)
print(all(load("x.npy") == x))          # expect: true
save("t.npy", x')
print(load("t.npy")[2])                 # expect: [2, 5]
save("i.npy", [1, 2] as i32)
print(load("i.npy").dtype)              # expect: i32
save("b.npy", [true, false])
print(load("b.npy"))                    # expect: [true, false]
save("f.npy.gz", [0.5] as f32)
print(load("f.npy.gz"), load("f.npy.gz").dtype)  # expect: [0.5] f32
save("e.npy", zeros(0, 3))
print(load("e.npy").shape)              # expect: (0, 3)
