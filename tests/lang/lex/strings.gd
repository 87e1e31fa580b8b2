print("plain")          # expect: plain
print("a\tb")           # expect: a	b
print("say \"hi\"")     # expect: say "hi"
print("back\\slash")    # expect: back\slash
print("\{brace\}")      # expect: {brace}
print("\u{3b8}")        # expect: θ
print("\u{1F600}" == "😀")  # expect: true
print("one\ntwo")       # expect: one
# expect: two
print("")               # expect:
print("a" + "b" + "c")  # expect: abc
print("a" == "a")       # expect: true
print("a" != "b")       # expect: true
