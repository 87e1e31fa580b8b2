var w = [1, 2]
descend w using clip_norm(1) for 3 { sum(w^2) }
