print(concat(([[1, 2]], [[1, 2, 3]])))  # expect error: E0213
