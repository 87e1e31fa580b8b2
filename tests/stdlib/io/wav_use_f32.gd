# Sound is of the default float.
use f32
save("t.wav", (rate: 8000, x: [0.5, -0.25]))
print(load("t.wav").x.dtype, load("t.wav").x)      # expect: f32 [0.5, -0.25]
