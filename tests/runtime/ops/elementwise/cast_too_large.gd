print([1e10] as i32)  # expect error: E0219
