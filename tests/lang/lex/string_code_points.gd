let s = "héθ😀x"
print(len(s))      # expect: 5
print(s[0])        # expect: h
print(s[1])        # expect: é
print(s[-1])       # expect: x
print(s[-2])       # expect: 😀
print(s[1:3])      # expect: éθ
print(s[:2])       # expect: hé
print(s[3:])       # expect: 😀x
print(s[::2])      # expect: hθx
print(s[::-1])     # expect: x😀θéh
print(s[1:100])    # expect: éθ😀x
print(len(s[4:2])) # expect: 0
print(s == "héθ" + "😀x")  # expect: true
