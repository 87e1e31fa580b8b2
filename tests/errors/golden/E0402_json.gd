let text = "\{\"x\": [1, 2,\n  3,, 4]\}"
print(json_parse(text).x)
