let gradient = [0.5, 0 / 0]
print(json_text((id: 1, output: gradient)))
