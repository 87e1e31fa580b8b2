let learning_rate = 0.1
fn step(w, grad_w) = w - learnin_rate * grad_w
print(Sotfmax([1, 2]))
print(np.zeros(3))
total = 3
print(nothing_like_it)
