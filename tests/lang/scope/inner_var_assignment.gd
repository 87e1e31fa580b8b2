# blocks are scopes but not functions: an inner block assigns an outer var
var n = 0
if true { n = 1; { n += 10 } }
for i in 0..3 { n += 100 }
print(n)  # expect: 311
