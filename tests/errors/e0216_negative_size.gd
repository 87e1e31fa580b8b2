print(zeros(-3))  # expect error: E0216|E0210
