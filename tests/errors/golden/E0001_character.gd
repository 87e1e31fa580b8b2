let price = 3 + $4
let note = “quoted”
let zero​width = 1
