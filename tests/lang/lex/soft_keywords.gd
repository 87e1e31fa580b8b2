# words of the syntax that are not reserved stay usable as names
let loss = 1
let model = 2
let param = 3
let state = 4
let use = 5
let test = 6
let native = 7
let adjoint = 8
let tangent = 9
let over = 10
let using = 11
let until = 12
let watch = 13
let every = 14
let out = 15
print(loss + model + param + state + use + test)          # expect: 21
print(native + adjoint + tangent + over + using + until)  # expect: 57
print(watch + every + out)                                # expect: 42
fn twice(model) = model * 2
print(twice(loss))                                        # expect: 2
var test2 = test
test2 = test2 + 1
print(test2)                                              # expect: 7
