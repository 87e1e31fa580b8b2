## A table of numbers as the data set (x:, y:); a text column is refused by name and line.
fn csv(path, target: nil) = data_csv(path, target: target)

## Two data sets: a fraction of the rows, and the rest.
fn split(set, fraction, shuffle: true) = data_split(set, fraction, shuffle: shuffle)

## A loader of batches: for (x, y) in data.batches(set, 32, epochs: 10) { ... }
fn batches(set, size, epochs: 1, shuffle: true, drop_last: false) =
  data_batches(set, size, epochs: epochs, shuffle: shuffle, drop_last: drop_last)

## Each column of x to mean 0 and deviation 1, by the figures of the rows given: (x: standardised, mean:, std:).
fn standardize(x) {
  let m = mean(x, axis: 0)
  let s = std(x, axis: 0)
  let s1 = where(s > 0, s, 1)
  (x: (x - m) / s1, mean: m, std: s1)
}
