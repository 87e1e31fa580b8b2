# a full reduction of f32 accumulates in f64 and is rounded to f32
# source: closed form
let x = ones(20_000_000) as f32
print(sum(x))   # expect: 20000000
print(mean(x))  # expect: 1
