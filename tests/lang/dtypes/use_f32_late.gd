let x = 1
use f32  # expect error: E0107
