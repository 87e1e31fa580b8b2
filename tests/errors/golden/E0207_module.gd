use nn
let net = nn.Liner(3, 4)
