print(logical_and([1, 0], [true, false]))
