# an error inside a module that comes with Descent is shown where the script called it
use data
print(1)                                # expect: 1
print(data.split([1, 2, 3], 1.5))       # expect error: E0210: fraction
