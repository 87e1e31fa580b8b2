let r = (a: 1.23456, xs: [1, 2, 3])
print("{r.a:.2f}|{r.xs[1]:4}|{if true { 2.5 } else { 1 }:.3f}")  # expect: 1.23|   2|2.500
print("{1 + 2 * 3:.1f}")       # expect: 7.0
print("\{{1}\}")               # expect: {1}
print("{"a" + "b"}{"}"}")      # expect: ab}
