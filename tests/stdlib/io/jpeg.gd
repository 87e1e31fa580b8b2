# needs: images
# Blocks of one colour each, made by libjpeg's own encoder at quality 100: 50 k grey; (40 k, 255 - 40 k, 100 or 200).
let g = load(here("../../data/grey.jpg"))
print(g.shape, g.dtype, max(abs((g as f64) - [50 * ((y // 8) * 3 + x // 8) for y in 0..16, x in 0..24])) <= 2)
# expect: (16, 24) u8 true
let c = load(here("../../data/blocks.jpeg")) as f64
let block = [(y // 8) * 3 + x // 8 for y in 0..16, x in 0..24]
print(c.shape, max(abs(c[:, :, 0] - 40 * block)) <= 3, max(abs(c[:, :, 1] - 255 + 40 * block)) <= 3)
# expect: (16, 24, 3) true true
print(max(abs(c[:, :, 2] - where(block == 5, 200, 100))) <= 3)       # expect: true
