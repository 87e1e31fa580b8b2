# walks over trees refuse what is too deep for them instead of running out of stack
use data
var t = 1
for i in 0..1_000_000 { t = (t,) }
print(try { descend t using gd(lr: 0.1) for 1 { 0 } } catch e { e.code })   # expect: E0504
print(try { data.split(t, 0.5) } catch e { e.code })                        # expect: E0504
print(try { t + t } catch e { e.code })                                     # expect: E0504
print(try { save("t.safetensors", t) } catch e { e.code })                  # expect: E0404
