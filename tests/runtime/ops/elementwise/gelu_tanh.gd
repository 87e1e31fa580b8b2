# gelu(x, approximate: "tanh"); its first derivative is op: gelu_tanh_slope
# source: PyTorch 1.13.0a0 in float64
let x = [-2.5, -1, -0.3, 0, 0.4, 1, 2.75]
print((v for v in reshape(gelu(x, approximate: "tanh"), 7)))
# expect~ (-0.015084266089998577, -0.15880800939172324, -0.11462907645724074, 0, 0.2621611694273562, 0.8411919906082768, 2.742276855926382) 1e-11
print((v for v in reshape(grad(x -> sum(gelu(x, approximate: "tanh")))(x), 7)))
# expect~ (-0.03795157621266618, -0.08296408384578252, 0.26770454836119817, 0.5, 0.8026588344205614, 1.0829640838457826, 1.0219489215934983) 1e-11
print((v for v in reshape(grad(x -> sum(grad(x -> sum(gelu(x, approximate: "tanh")))(x) ^ 2))(x), 7)))
# expect~ (0.00578726561629267, -0.040179206801261774, 0.3898573030558151, 0.7978845608028654, 1.087037149633392, 0.5244756027688077, -0.10641762618254673) 1e-9
print((v for v in reshape(gelu(x as f32, approximate: "tanh"), 7)))
# expect~ (-0.015084266089998577, -0.15880800939172324, -0.11462907645724074, 0, 0.2621611694273562, 0.8411919906082768, 2.742276855926382) 1e-5
print(gelu(0.4, approximate: "tanh"))
# expect~ 0.2621611694273562 1e-11
print(grad(x -> gelu(x, approximate: "tanh"))(0.4))
# expect~ 0.8026588344205614 1e-11
print((v for v in reshape(gelu(x, approximate: "none"), 7)))
# expect~ (-0.015524163314440398, -0.15865525393145702, -0.1146265733433142, 0, 0.2621686966441297, 0.841344746068543, 2.7418056511035998) 1e-11
print(gelu(1000, approximate: "tanh"), gelu(-1000, approximate: "tanh") == 0)  # expect: 1000 true
print((v for v in grad(x -> sum(gelu(x, approximate: "tanh")))([1e200, -1e200])))  # expect~ (1, 0) 1e-12
print(gelu([true, false], approximate: "tanh").dtype, gelu([1] as f32, "tanh").dtype)  # expect: f64 f32
print(try { gelu(1, approximate: "erf") } catch e { e.code })  # expect: E0210
