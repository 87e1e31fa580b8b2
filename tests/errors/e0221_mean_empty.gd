print(mean(zeros(0)))  # expect error: E0221
