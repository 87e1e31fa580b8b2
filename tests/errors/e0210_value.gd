print(linspace(0, 1, -3))  # expect error: E0210|E0216
