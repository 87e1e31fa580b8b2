var w = [1, 2]
descend w using sgd(lr: 0.1) for 2 { w - [0, 0] }  # expect error: E0225|E0313
