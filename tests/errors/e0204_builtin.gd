print(sum([1, 2], axs: 0))  # expect error: E0204
# expect hint: axis
