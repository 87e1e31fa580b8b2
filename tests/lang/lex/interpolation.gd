let x = 2
let name = "w"
print("x is {x}")               # expect: x is 2
print("{x} and {x + 1}")        # expect: 2 and 3
print("{name}={x ^ 2}!")        # expect: w=4!
print("{x}{x}")                 # expect: 22
print("list {(1, 2)}")          # expect: list (1, 2)
print("{nil} {true}")           # expect: nil true
print("{[1, 2]}")               # expect: [1, 2]
