# the name below was saved as Latin-1
let s = "café"
let naïve = 1
