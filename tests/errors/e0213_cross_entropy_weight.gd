# weight: one number for each class
cross_entropy(zeros(2, 3), [0, 1], weight: [1, 2])   # expect error: E0213: a number for each class
