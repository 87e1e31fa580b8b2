# Malformed JSON names the place: line and column, in code points, from 1.
fn why(text) = try { json_parse(text); "fine" } catch e { e.code + " " + e.message }
print(why(""))                 # expect: E0402 json_parse: line 1, column 1: a value is wanted here, not the end
print(why("[1, 2"))            # expect: E0402 json_parse: line 1, column 6: `,` or `]` is wanted here, not the end
print(why("[1,]"))             # expect: E0402 json_parse: line 1, column 4: a value is wanted here, not `]`
print(why("\{\"a\" 1\}"))      # expect: E0402 json_parse: line 1, column 6: `:` is wanted here, not `1`
print(why("\{\"a\":1,\}"))     # expect: E0402 json_parse: line 1, column 8: a name in double quotes is wanted here, not `}`
print(why("\{a: 1\}"))         # expect: E0402 json_parse: line 1, column 2: a name in double quotes is wanted here, not `a`
print(why("[\"é\",\n  'x']"))  # expect: E0402 json_parse: line 2, column 3: a value is wanted here, not `'`
print(why("\"é\" ü"))          # expect: E0402 json_parse: line 1, column 5: the end is wanted here, not `ü`
print(why("[01]"))             # expect: E0402 json_parse: line 1, column 2: a number has no leading zeros
print(why("[1.]"))             # expect: E0402 json_parse: line 1, column 4: a digit after the point is wanted here, not `]`
print(why("-"))                # expect: E0402 json_parse: line 1, column 2: a digit is wanted here, not the end
print(why("1e+"))              # expect: E0402 json_parse: line 1, column 4: a digit of the exponent is wanted here, not the end
print(why("1e400"))            # expect: E0402 json_parse: line 1, column 1: the number is too large for 64-bit floating point
print(why("nul"))              # expect: E0402 json_parse: line 1, column 1: a value is wanted here, not `n`
print(why("\"abc"))            # expect: E0402 json_parse: line 1, column 1: this string has no end
print(why("\"\\u12g4\""))      # expect: E0402 json_parse: line 1, column 2: \u takes four hexadecimal digits
print(why("\"a\tb\""))         # expect: E0402 json_parse: line 1, column 3: a control character in a string is written \n, \t or \u0000
print(why("[[1,2],[3,\"a\"],nil]"))    # expect: E0402 json_parse: line 1, column 16: a value is wanted here, not `n`
print(len(why(join(("[" for i in 0..600), ""))) > 0)                 # expect: true
print(json_parse("\"\\ud800x\"") == "\u{fffd}x")                     # expect: true
try { json_text((1, x -> x)) } catch e { print(e.code, e.message) }  # expect: E0404 function cannot be written as JSON
try { json_text((a: 1, ...(2,))) } catch e { print(e.code) }         # expect: E0404
save("bad.json", 1)
save("bad.txt", "[1,\n 2,\n x]")
json_parse(load("bad.txt"))    # expect error: E0402: line 3, column 2: a value is wanted here, not `x`
