let s = load(here("../../data/text.txt"))
print(len(split(s, "\n")))   # expect: 4
save("out.txt", "héllo\n")
print(load("out.txt") == "héllo\n")  # expect: true
print(load(here("../../data/text.txt.gz")))
# expect: packed text
# expect:
