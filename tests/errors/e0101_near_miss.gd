let learning_rate = 0.1
print(learnin_rate)  # expect error: E0101
# expect hint: learning_rate
