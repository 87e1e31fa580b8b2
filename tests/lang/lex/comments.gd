# a comment line
print(1) # a comment behind code  # expect: 1
## documents the function
fn f(x) = x # trailing
print(f(2))  # expect: 2
print("# no comment")  # expect: # no comment
print("#" + "x")  # expect: #x
