print(softmx([1, 2]))  # expect error: E0101
# expect hint: softmax
