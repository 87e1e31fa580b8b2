try { error("x") } catch e {
  print(find(e.file, "catch_file.gd") >= 0)  # expect: true
}
