print(split("a,b,c", ","))       # expect: ("a", "b", "c")
print(join(("a", "b"), "-"))     # expect: a-b
print(find("hello", "l"))        # expect: 2
print(replace("hello", "l", "L"))  # expect: heLLo
print(lower("ABC"), upper("abc"))  # expect: abc ABC
print(number("2.5") + 1)         # expect: 3.5
print(chars("héy"))              # expect: ("h", "é", "y")
print(codes("aé"))               # expect: [97, 233]
print(str(12) + "x")             # expect: 12x
print(sum(bytes("é") > 0))       # expect: 2
