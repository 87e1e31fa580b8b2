# a large tensor is summarised: one print, few characters
print(len(str(zeros(1_000_000))) < 1000)    # expect: true
print(len(str(zeros(1000, 1000))) < 5000)   # expect: true
print(find(str(range(0, 1_000_000)), "999999") >= 0)  # expect: true
