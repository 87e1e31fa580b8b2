print("abc" as i64)  # expect error: E0219
