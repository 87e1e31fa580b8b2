print([1, 300, 2] as u8)
