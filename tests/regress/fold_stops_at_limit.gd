# a limit met inside fold leaks nothing
# args: --max-steps 1000
print(fold((a, i) -> push(a, i), (), 0..100000))   # expect error: E0502
