native "libm.so.6" {
  fn hypot(x f64, y f64) -> f64
}
