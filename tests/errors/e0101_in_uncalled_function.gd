# found before running, even where it would never be reached
fn never(x) = x + undefined_thing  # expect error: E0101
print(1)
