# exit 2 before running: the first line does not run
print("not reached")
print(unknown_name)  # expect error: E0101
