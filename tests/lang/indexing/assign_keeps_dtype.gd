var x = [1, 2] as i64
x[0] = 5
print(x.dtype, x)  # expect: i64 [5, 2]
var y = zeros(2) as f32
y[0] = 0.5
print(y.dtype, y)  # expect: f32 [0.5, 0]
