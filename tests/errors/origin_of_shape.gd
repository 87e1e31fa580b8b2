# says where the operand was made
let W = zeros(32, 10)
let y = ones(4, 64) @ W  # expect error: E0213
# expect hint: origin_of_shape.gd:2
