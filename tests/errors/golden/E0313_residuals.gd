var w = [1, 2]
descend w using lm() for 3 { sum(w^2) }
