# a soft word before = or an operator is a name
var loss = 3
loss = loss - 1
loss += 5
print(loss)     # expect: 7
var state = [1, 2]
state[0] = 9
print(state)    # expect: [9, 2]
var model = (use: 1, param: 2)
model.use = 4
print(model.use + model.param)  # expect: 6
