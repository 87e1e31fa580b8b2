fn say(x, v) { print(x); v }
print(say("a", false) and say("b", true))
# expect: a
# expect: false
print(say("c", true) or say("d", true))
# expect: c
# expect: true
print(say("e", true) and say("f", false))
# expect: e
# expect: f
# expect: false
