# x.f(a) is f(x, a) when x has no such member
print([3, 1, 2].sum())       # expect: 6
print("a,b".split(","))      # expect: ("a", "b")
fn scaled(x, by) = x * by
print(3.scaled(2))           # expect: 6
let r = (f: x -> x + 100, n: 1)
print(r.f(1))                # expect: 101
print((1, 2).len())          # expect: 2
fn n(x) = "function n"
print(r.n)                   # expect: 1
