# a fold with one item is that item
print(max(x for x in (7,)))   # expect: 7
print(sum(x for x in ()))     # expect: 0
print(all(x > 0 for x in ())) # expect: true
print(any(x > 0 for x in ())) # expect: false
print(prod(x for x in ()))    # expect: 1
