let x = [1, 2]
let a = x .* 2
let mut count = 0
let b = try { 1 } except { 2 }
let c = x => x + 1
let d = a if count > 0 else b
let e: number = 3
x[0] := 3
let f = {a: 1}
if (count > 0) print(count)
raise "no"
@jit
