# round: halves go to the even neighbour, as in NumPy
print(abs(round([0.5, 1.5, 2.5, -0.5, -1.5, 3.4999])))  # expect: [0, 2, 2, 0, 2, 3]
