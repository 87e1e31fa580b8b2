let a = 3.
let b = .5
let c = 1e
let d = 0xfg
let e = 3rd
let f = 1__0
