fn f(x) {
  x[0] = 1  # expect error: E0104
  x
}
print(f([1]))
# expect hint: var
