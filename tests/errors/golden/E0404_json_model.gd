model Line() {
  param a = 1
}
print(json_text((m: Line(),)))
