print(max(zeros(0)))  # expect error: E0221
