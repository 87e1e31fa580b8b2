print(type(1))       # expect: number
print(type("a"))     # expect: string
print(type(nil))     # expect: nil
print(type(true))    # expect: bool
print(type([1]))     # expect: tensor
print(type((1, 2)))  # expect: list
print(type(x -> x))  # expect: function
print(type(0..3))    # expect: range
print(type(sin))     # expect: function
