model Tree(depth) {
  param w[1] = depth
  let kids = if depth > 0 { (Tree(depth - 1), Tree(depth - 1)) } else { () }
  fn total() = w[0] + sum(k.total() for k in kids)
}
print(Tree(3).total())  # expect: 11
