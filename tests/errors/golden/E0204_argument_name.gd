var w = [1, 2]
descend w using adam(learning_rate: 0.1) for 10 { sum(w^2) }
