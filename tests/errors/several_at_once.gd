let a = 3 +* 4      # expect error: E0010
print("fine")
fn f(x) = x +       # a line that goes on
  1
let b = (1, 2       # expect error: E0011
let c = 5
let d = 4 $         # expect error: E0001
# exit: 2
