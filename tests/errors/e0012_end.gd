for i in 0..3 {
  print(i)
}
end  # expect error: E0012
# expect hint: }
