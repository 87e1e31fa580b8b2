fn f() {
  descend nowhere using gd(lr: 0.1) for 1 { 1 }  # expect error: E0101|E0110
  1
}
print(f())
