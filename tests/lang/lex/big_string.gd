let quote = """She said "no" and left.
  indented "" twice
"""
print(len(split(quote, "\n")))  # expect: 3
print(quote[4:8])               # expect: said
