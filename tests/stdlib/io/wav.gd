# The files of tests/data/*.wav were written by Python's struct after the format's description.
let at = name -> load(here("../../data/{name}.wav"))
let a = at("u8")
print(a.rate, 128 * a.x)                    # expect: 11025 [-128, -64, 0, 64, 127]
let b = at("i24")
print(b.rate, b.x.shape, b.x * 2^23)
# expect: 48000 (3, 2) [[-8388608,       -1],
# expect:  [       0,        1],
# expect:  [ 4194304,  8388607]]
print(at("i32").x * 2^31)                   # expect: [-2147483648, 1073741824, 1]
print(at("f32").rate, at("f32").x)
# expect: 44100 [[  0.5, -0.25],
# expect:  [    3,   0.1]]
print(at("ext64").rate, at("ext64").x[0], at("ext64").x[1])      # expect: 96000 1.5 -1e-300
for name in ("mulaw", "cut") { try { at(name) } catch e { print(e.code, e.message[find(e.message, ".wav"):]) } }
# expect: E0402 .wav": its samples are of a kind that is not read (format 7, 8 bits)
# expect: E0402 .wav" is no usable .wav file: it is cut off

# What is saved comes back: exactly as floats, to half a step as PCM.
seed(1)
let x = clamp(0.4 * normal(50, 2), -1, 1)
for bits in (8, 16, 24, 32) {
  save("t.wav", (rate: 8000, x: x, bits: bits))
  let y = load("t.wav")
  assert y.rate == 8000 and y.x.shape == (50, 2) and max(abs(y.x - x)) <= (if bits == 8 { 1 } else { 0.5 }) / 2^(bits - 1)
  save("u.wav", (...y, bits: bits))
  assert all(load("u.wav").x == y.x)
}
save("t.wav", (rate: 8000, x: 3 * x, bits: "f64"))
print(all(load("t.wav").x == 3 * x))        # expect: true
save("t.wav.gz", (rate: 44100, x: (x[:, 0] as f32), bits: "f32"))
print(all(load("t.wav.gz").x == (x[:, 0] as f32)))      # expect: true
save("t.wav", (rate: 1, x: [1, -1, 0.25]))
print(load("t.wav").x * 2^15)               # expect: [32767, -32768, 8192]
for v in ([0.5], (rate: 8000, x: [1.5]), (rate: 8000, x: [nan]), (rate: 0.5, x: [1]), (rate: 8000, x: [1], bits: 12), (rate: 8000, x: [1] as i32)) {
  try { save("bad.wav", v) } catch e { print(e.code, e.message) }
}
# expect: E0404 "bad.wav" takes sound, not f64[1]
# expect: E0404 "bad.wav": sound lies in -1 to 1, and 1.5 is there
# expect: E0404 "bad.wav": sound lies in -1 to 1, and nan is there
# expect: E0404 "bad.wav": `rate` is a whole number of samples a second
# expect: E0404 "bad.wav": `bits` is 8, 16, 24, 32, "f32" or "f64"
# expect: E0404 "bad.wav" takes sound, not list
