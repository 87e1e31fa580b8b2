let x = [3, 1, 4, 1, 5]
let n = len(x)
print(sum(x[k] for k in 0..n))         # expect: 14
print(prod(x[k] for k in 0..n))        # expect: 60
print(mean(x[k] for k in 0..n))        # expect: 2.8
print(max(x[k] for k in 0..n))         # expect: 5
print(min(x[k] for k in 0..n))         # expect: 1
print(any(x[k] > 4 for k in 0..n))     # expect: true
print(all(x[k] > 1 for k in 0..n))     # expect: false
print(argmax(x[k] for k in 0..n))      # expect: 4
print(argmin(x[k] for k in 0..n))      # expect: 1
print(median(x[k] for k in 0..n))      # expect: 3
print(variance(x[k] for k in 0..n))    # expect~ 2.56 1e-12
print(std(x[k] for k in 0..n))         # expect~ 1.6 1e-12
print(norm(x[k] for k in 0..n))        # expect~ 7.211102550927978 1e-12
print(logsumexp(x[k] for k in 0..n))   # expect~ 5.431682412844517 1e-12
print(sum(i * j for i in 0..3, j in 0..3))  # expect: 9
print(sum(k for k in 0..0))            # expect: 0
