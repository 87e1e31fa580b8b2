# to integers fractions are cut off; what does not fit is an error
# op: cast_whole
print([2.9, -2.9, 0] as i32)  # expect: [2, -2, 0]
print([254.7] as u8)          # expect: [254]
print([300] as u8)            # expect error: E0219
