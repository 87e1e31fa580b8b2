print(json_text((x: 1, ...(2, 3))))
