# stdin: first
# stdin: 42
print(input() + "!")       # expect: first!
print(number(input()) + 1) # expect: 43
