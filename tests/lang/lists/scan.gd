# scan(f, start, xs) keeps every value of the recurrence that fold ends with
let s = scan((a, x) -> a + x, 0, (1, 2, 3))
print(s[len(s) - 1])  # expect: 6
print(fold((a, x) -> a * x, 1, [1, 2, 3, 4]))  # expect: 24
print(fold((a, x) -> a + x, 0, 0..5))          # expect: 10
