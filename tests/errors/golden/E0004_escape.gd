let path = "C:\data"
let letter = "\u{d800}"
