let images = ones(8, 1, 28, 28)
let kernel = ones(16, 3, 5, 5)
let maps = conv2d(images, kernel, padding: "same")
