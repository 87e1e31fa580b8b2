# needs: images
# Kinds of PNG that are never written here: the files of tests/data come from an encoder of its own in Python (zlib and
# struct), after the PNG specification, 2nd edition.
let at = name -> load(here("../../data/{name}.png"))
print(at("grey16"), at("grey16").dtype)
# expect: [[    0,     1,   256],
# expect:  [65535,   258, 40000]] i32
let p = at("palette")
print(p.shape, p[0, 0], p[0, 1], p[1, 0])        # expect: (2, 3, 4) [255, 0, 0, 255] [0, 255, 0, 128] [10, 20, 30, 255]
print(at("bit1")[0])                             # expect: [255, 0, 255, 0, 255, 0, 255, 0, 255, 255]
print(all(at("adam7") == [10 * i + j for i in 0..5, j in 0..5]))     # expect: true
let f = at("filters")
print(all(f[:, :, 0] == [7 * y + 3 * x for y in 0..5, x in 0..4]))   # expect: true
print(all(f[:, :, 1] == [50 * y + x^2 for y in 0..5, x in 0..4]))    # expect: true
print(all(f[:, :, 2] == [255 - 9 * x * y for y in 0..5, x in 0..4])) # expect: true
for name in ("lies.png", "cut.png", "text.png", "cut.jpg") {
  try { load(here("../../data/" + name)) } catch e { print(e.code, e.message[find(e.message, " is no"):]) }
}
# expect: E0402  is no usable PNG file: it is too short for its size
# expect: E0402  is no usable PNG file: it is cut off
# expect: E0402  is no usable PNG file: the magic bytes are missing
# expect: E0402  is no usable JPEG file: Premature end of JPEG file
