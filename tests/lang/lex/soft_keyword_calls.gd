# followed by a bracket or an operator the words of the syntax are names too
fn loss(x) = x * 2
fn test(s) = "tested " + s
fn use(a, b) = a + b
print(loss(3))        # expect: 6
print(test("this"))   # expect: tested this
print(use(1, 2))      # expect: 3
var state = [1, 2, 3]
state[1] = 20
print(state[1] + 1)   # expect: 21
let model = x -> x + 1
print(model(1) |> loss)  # expect: 4
let watch = (every: 1, until: 2)
print(watch.every + watch.until)  # expect: 3
