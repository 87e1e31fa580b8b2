use f32
let x = [1]
