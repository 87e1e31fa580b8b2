# stops: E0503
# memory: 1G
print(sum(einsum("ij,jk,kl,lm->im", ones(1500, 1500), ones(1500, 1500), ones(1500, 1500), ones(1500, 1500))))
