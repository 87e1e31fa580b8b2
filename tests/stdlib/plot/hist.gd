# Counts of a histogram, against counting by hand; Sturges' number of bins.
let h = hist([0, 0.1, 0.9, 1, 2, 2.9, 3, nan, inf], bins: 3)
print(h.edges, h.counts)                # expect: [0, 1, 2, 3] [3, 1, 3]
print(len(hist(range(0, 1000)).counts)) # expect: 11
print(sum(hist(normal(500)).counts))    # expect: 500
print(hist([2, 2]).edges[0])            # expect: 1.5
