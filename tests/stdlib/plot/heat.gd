# Matrices and pictures.
let h = heat([[1, 2], [3, 5]])
print(h)
# expect:   ░░
# expect: ▒▒██
# expect: 2 x 2, from 1 to 5
print(heat([[1, nan]]).values)          # expect: [[  1, nan]]
let grey = image([[0, 0.5], [1, 2]])
print(grey.pixels[:, :, 0])
# expect: [[  0, 128],
# expect:  [255, 255]]
print(image(zeros(3, 4, 5)).pixels.shape, image(zeros(4, 5, 3)).pixels.shape, image(zeros(4, 5, 4) as u8).pixels.shape)   # expect: (4, 5, 3) (4, 5, 3) (4, 5, 3)
print(image(([[7, 200]] as u8)).pixels[0, :, 1])          # expect: [7, 200]
