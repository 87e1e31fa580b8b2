# any tree goes in and comes back whole
let tree = (
  w: [[1, 2], [3, 4]],
  n: 2.5,
  flag: true,
  name: "a \"quoted\" naïve",
  nothing: nil,
  list: (1, (x: [1] as i32, 3), ()),
  f: [0.5] as f32,
)
save("tree.safetensors", tree)
let back = load("tree.safetensors")
print(back == tree)             # expect: true
print(back.list)                # expect: (1, (x: [1], 3), ())
print(back.f.dtype, back.list[1].x.dtype, back.name)  # expect: f32 i32 a "quoted" naïve
