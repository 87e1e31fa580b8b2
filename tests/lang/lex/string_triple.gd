let s = """one
two "quoted"
three"""
print(s)
# expect: one
# expect: two "quoted"
# expect: three
print(len(split(s, "\n")))  # expect: 3
let x = 4
print("""x is {x}""")  # expect: x is 4
