# `3.` is not a number, so 0..3 is 0 .. 3
for i in 0..3 { print(i) }
# expect: 0
# expect: 1
# expect: 2
print(1..=3 |> len)  # expect: 3
print(len(0..10))    # expect: 10
