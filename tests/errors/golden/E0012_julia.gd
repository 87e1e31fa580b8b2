function f(x)
  x
end
struct Point
  x
end
let a = 3 && 4
let b = 3 || 4
let c = a != b ? 1 : 2
const d = 4
null
x += 1;
let s = 'text'
// a comment
