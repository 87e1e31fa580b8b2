# training() is true in the block, false in watch and outside
var w = 1
var inside = ()
print(training())        # expect: false
descend w using gd(lr: 0.1) for 1 {
  if training() { 3 * w } else { w }
} watch every 1 { print(training()) }
# expect: false
print(w)                 # expect~ 0.7 1e-12
