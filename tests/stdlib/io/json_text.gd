# What values become as JSON, always on one line.
print(json_text((id: 2, ok: true, none: nil, x: [1, 2.5], m: [[1], [2]], list: (1, "a"), none_of: ())))
# expect: {"id":2,"ok":true,"none":null,"x":[1,2.5],"m":[[1],[2]],"list":[1,"a"],"none_of":[]}
print(json_text("q\"\\\n\t\u{1}é😀"))             # expect: "q\"\\\n\t\u0001é😀"
print(json_text(1 / 3), json_text(1e21), json_text(1e-7), json_text(-0.0), json_text(0.1 + 0.2))
# expect: 0.3333333333333333 1e21 1e-7 -0 0.30000000000000004
print(json_text([1, 0] == [1, 1]), json_text([1, 2] as i64), json_text(zeros(0)), json_text(zeros(2, 0)))
# expect: [true,false] [1,2] [] [[],[]]
print(json_text([[1, 2], [3, 4]]'), json_text(range(0, 6)[::2]))     # expect: [[1,3],[2,4]] [0,2,4]
print(json_text([9007199254740993] as i64 + 0))  # expect: [9007199254740992]
print(json_text((a: (b: (c: [0.5])))))           # expect: {"a":{"b":{"c":[0.5]}}}

# Every double comes back as it was: random ones of all sizes, powers of two and their neighbours.
seed(1)
let x = normal(3000) * 10 ^ floor(uniform(3000, low: -300, high: 300))
print(all(json_parse(json_text(x)) == x))        # expect: true
let p = 2 ^ range(-1074, 1024)
print(all(json_parse(json_text(p)) == p), all(json_parse(json_text(0.75 * p)) == 0.75 * p))    # expect: true true
print(2 ^ -791)                                  # expect: 7.678447687145631e-239

# What was read is written as it was.
let text = """\{"a":[1,2,3],"b":[[1,2],[3,4]],"c":\{"d":"x","e":[1,"y",null,true]\}\}"""
print(json_text(json_parse(text)) == text)       # expect: true
save("t.json", json_parse(text))
print(json_text(load("t.json")) == text)         # expect: true
print(grad(x -> json_parse(json_text(x))[0] + sum(x))([1, 2]))       # expect: [1, 1]

json_text([1, 0 / 0])                            # expect error: E0404: NaN
