# a derivative that records without end stops too: in the block of a descend loops are not divided
# args: --max-memory 60M
# timeout: 20
var x = 1
descend x using sgd(0.1) for 1 {
  var y = x
  while true { y = sin(y) }  # expect error: E0501
  y
}
