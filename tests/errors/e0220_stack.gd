print(stack(([1, 2], [1, 2, 3])))  # expect error: E0220|E0213
