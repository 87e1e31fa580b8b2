let w = 3
descend w using gd(lr: 0.1) for 10 { w^2 }
fn train(net) {
  descend net using gd(lr: 0.1) for 10 { net^2 }
  net
}
