fn report(loss) = "loss: " + loss
fn all_of(losses) {
  for l in losses { print(report(l)) }
}
all_of((0.5, 0.25))
