let x = 3
use f32
