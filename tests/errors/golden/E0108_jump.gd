break
fn f(x) {
  continue
  x
}
return 3
