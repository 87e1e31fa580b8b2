# the body runs once an item, in order
fn say(i) { print("item {i}"); i }
print([say(i) for i in 0..3])
# expect: item 0
# expect: item 1
# expect: item 2
# expect: [0, 1, 2]
