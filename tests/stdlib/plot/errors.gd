# What cannot be drawn says so.
fn said(f) = try { f(); "nothing" } catch e { e.message }
print(said(() -> plot(zeros(2, 2, 2))))          # expect: plot: a series is a vector, not [2, 2, 2]
print(said(() -> plot([1, 2], [1, 2, 3])))       # expect: plot: x and y differ: [2] and [3]
print(said(() -> plot("a")))                     # expect: plot: `x` takes a tensor of numbers, not string
print(said(() -> plot(())))                      # expect: plot: `x` takes a tensor of numbers, not list
print(said(() -> hist([nan])))                   # expect: hist: there is no finite value
print(said(() -> hist([1, 2], bins: 0)))         # expect: hist: `bins` is a whole number from 1 to 10000, not 0
print(said(() -> heat([1, 2])))                  # expect: heat takes a matrix, not [2]
print(said(() -> image(zeros(2, 2, 2))))         # expect: image takes [h, w], [h, w, channels] or [channels, h, w], not [2, 2, 2]
print(said(() -> contour(x -> x, ((0, 1), (0, 1)))))      # expect: contour: f gives f64[2], not one number
print(said(() -> contour((x, y) -> 1, ((1, 0), (0, 1)))))  # expect: contour: `box` takes the ranges of x and y, ((x0, x1), (y0, y1)) with x0 < x1 and y0 < y1, not list
print(said(() -> str((figure: "nonsense"))))     # expect: this figure cannot be drawn: its kind is none of plot bars heat image contour
print(said(() -> str((figure: "plot"))))         # expect: this figure cannot be drawn: series
