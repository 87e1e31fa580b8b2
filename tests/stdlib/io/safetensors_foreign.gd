# source: laid out by hand after the safetensors format description
let t = load(here("../../data/foreign.safetensors"))
print(t.weight[1], t.weight.dtype)  # expect: [3, 4] f32
print(t.bias, t.bias.dtype)         # expect: [0.5, -0.5] f64
print(t.steps, t.steps.dtype)       # expect: [7] i64
