# found when it is read, or when it runs
print([1] as f16)  # expect error: E0219|E0101
# expect hint: f32
# exit: 1|2
