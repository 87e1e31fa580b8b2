# what is trained is named once, and whole
var w = (a: 1, b: [1, 2], c: (2, 3))
print(try { descend w, w.a using gd(lr: 1) for 1 { w.a } } catch e { e.message })       # expect: descend trains `w.a` twice
print(try { descend w.c[0], w.c[0] using gd(lr: 1) for 1 { w.c[0] } } catch e { e.code })  # expect: E0313
print(try { descend w.b[0] using gd(lr: 1) for 1 { w.b[0] ^ 2 } } catch e { e.code })   # expect: E0313
descend w.c[0], w.c[1], w.a using gd(lr: 1) for 1 { w.c[0] + 2 * w.c[1] + w.a }
print(w)                                                    # expect: (a: 0, b: [1, 2], c: (1, 1))
