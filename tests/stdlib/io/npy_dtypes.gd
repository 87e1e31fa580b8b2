# source: files written by NumPy 1.24.2
fn at(name) = load(here("../../data/" + name))
print(at("f64.npy").dtype, at("f64.npy")[1])   # expect: f64 [4, 5, 6.25]
print(at("f32.npy").dtype, at("f32.npy"))      # expect: f32 [0.5, -1.25]
print(at("i64.npy").dtype, at("i64.npy")[1])   # expect: i64 -2
print(at("i32.npy").dtype, at("i32.npy")[:, 0])  # expect: i32 [7, -8]
print(at("u8.npy").dtype, at("u8.npy"))        # expect: u8 [0, 255, 7]
print(at("bool.npy").dtype, at("bool.npy"))    # expect: bool [true, false]
print(at("empty.npy").shape)                   # expect: (0, 3)
print(at("f64.npy.gz")[0])                     # expect: [1.5, 2, 3]
