let label = "7"
print(label as i64)
