# What the values of JSON become: RFC 8259, and what the reference says of arrays of numbers.
let q = json_parse("""\{"id": 7, "ok": true, "none": null, "name": "é\\u00e9\\ud83d\\ude00\\n", "x": [1, -2.5e-3, 4E2],
  "m": [[1, 2], [3, 4]], "mixed": [1, "two", [3], null], "a b": \{\}, "empty": []\}""")
print(q.id, q.ok, q.none, q["a b"], q.empty)     # expect: 7 true nil () ()
print(q.name == "éé😀\n", len(q.name))            # expect: true 4
print(q.x, q.x.dtype, q.m.shape)                 # expect: [1, -0.0025, 400] f64 (2, 2)
print(q.mixed)                                   # expect: (1, "two", [3], nil)
print(json_parse(" 3 "), json_parse("\"s\""), json_parse("false"), json_parse("\t[ ]\u{d}\n"))  # expect: 3 s false ()

# Rows of one length are a matrix, others a list; what came before the odd one is not lost.
print(json_parse("[[1,2],[3]]"))                 # expect: ([1, 2], [3])
print(json_parse("[[1],2]"), json_parse("[1,[2]]"))          # expect: ([1], 2) (1, [2])
print(json_parse("[[[1,2],[3,4]],[[5,6],[7,8]]]").shape)     # expect: (2, 2, 2)
let odd = json_parse("[[[1,2],[3,4]],[[5,6],[7]],8]")
print(odd[0].shape, odd[1], odd[2])              # expect: (2, 2) ([5, 6], [7]) 8
print(json_parse("[[],[]]"), json_parse("[true,false]"))     # expect: ((), ()) (true, false)
print(json_parse("[[1,2],[\"a\"],[3,4]]"))       # expect: ([1, 2], ("a",), [3, 4])

# A key that is written again replaces the earlier one, also among many.
print(json_parse("\{\"a\": 1, \"b\": 2, \"a\": 3\}"))        # expect: (a: 3, b: 2)
let many = json_parse("\{" + join((("\"k{i % 300}\": {i}") for i in 0..900), ",") + "\}")
print(len(many), many.k0, many.k299)             # expect: 300 600 899

# Python writes these though JSON has none.
let far = json_parse("[NaN, Infinity, -Infinity]")
print(far)                                       # expect: [nan, inf, -inf]

# Numbers are rounded once: between two doubles, more digits than 64 bits hold, the ends of the range.
print(json_parse("9007199254740993"))            # expect: 9007199254740992
print(json_parse("9007199254740993.0000000000000000000001"))     # expect: 9007199254740994
print(json_parse("123456789012345678901234567890e-20"))      # expect: 1234567890.1234567
print(json_parse("0.1000000000000000055511151231257827021181583404541015625"))   # expect: 0.1
print(json_parse("4.9406564584124654e-324"), json_parse("1.7976931348623157e308"))   # expect: 5e-324 1.7976931348623157e308
print(json_parse("1e-400"), 1 / json_parse("-0.0"))          # expect: 0 -inf
