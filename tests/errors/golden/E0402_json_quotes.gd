save("notes.txt", "\{\"x\": [1, 2], 'y': 3\}")
json_parse(load("notes.txt"))
