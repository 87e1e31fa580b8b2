model Net(n) { param w[n] = 0 }
let net = Net(3)
save("net.safetensors", (net: net, activation: relu))
