# functions cannot rebind outside themselves: state is passed
fn fib(n, seen) {
  var table = seen
  for i in len(table)..n + 1 {
    table = push(table, if i < 2 { i } else { table[i - 1] + table[i - 2] })
  }
  table
}
let t = fib(50, ())
print(t[50])  # expect: 12586269025
