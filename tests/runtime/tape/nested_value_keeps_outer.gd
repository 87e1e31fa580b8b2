# what leaves a derivative carries none of it, but the outer one's stays
print(grad(x -> value_and_grad(y -> y ^ 2)(x)[0])(3))  # expect: 6
print(grad(x -> {
  let (pair, g) = value_and_grad(y -> (y ^ 3, y * x), aux: true)(2)
  pair[1] + g
})(5))                                                 # expect: 2
