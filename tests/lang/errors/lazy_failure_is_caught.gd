# what fails inside a try is caught by it, whenever it is computed
let r = try { [10, 20, 30][[0, 7]] } catch e { e.code }
print(r)  # expect: E0211
