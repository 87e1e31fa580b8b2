try {
  let x = [1, 2][9]  # expect error: E0211
} catch e {
  print(e.code)      # expect: E0211
  error(e)
}
