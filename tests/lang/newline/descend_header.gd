# no newline between `descend` and its block, nor before `watch every`
var w = 4
let report = descend w
  using sgd(lr: 0.1)
  for 2
{
  w ^ 2
}
# a comment

watch every 1 {
  print("step {step}")
}
# expect: step 1
# expect: step 2
print(report.steps)  # expect: 2
