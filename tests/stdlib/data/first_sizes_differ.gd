use data
print(data.split((x: zeros(3, 2), y: zeros(4)), 0.5))  # expect error: E0213|E0210|E0208
