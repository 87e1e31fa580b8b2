# timeout: 10
var r = (count: 0, data: zeros(1000), sub: (total: 0, rows: ([0, 0], [0, 0])))
for i in 0..300_000 {
  r.count += 1
  r.data[i % 1000] += 1
  r.sub.total += i
  r.sub.rows[1][0] = i
}
print(r.count, sum(r.data), r.sub.total)  # expect: 300000 300000 44999850000
print(r.sub.rows)  # expect: ([0, 0], [299999, 0])
