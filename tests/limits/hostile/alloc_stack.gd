# stops: E0501
let a = ones(1e6)
print(sum(stack((a for i in 0..100))))
