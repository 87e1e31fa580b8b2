let im = load(here("../../data/images.idx"))
print(im.shape, im.dtype, im[1, 2])      # expect: (2, 3, 4) u8 [20, 21, 22, 23]
print(load(here("../../data/labels-idx1-ubyte")))         # expect: [3, 1, 4]
print(load(here("../../data/images-idx3-ubyte.gz")).shape)  # expect: (2, 3, 4)
print(load(here("../../data/floats.idx")))                # expect: [1.5, -2.5]
