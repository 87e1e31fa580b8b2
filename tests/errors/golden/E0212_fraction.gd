let x = [1, 2, 3]
let half = len(x) / 2
print(x[half])
