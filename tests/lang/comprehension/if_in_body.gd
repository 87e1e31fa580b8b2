let x = [4, -1, 9]
print([if x[i] > 0 { sqrt(x[i]) } else { 0 } for i in 0..3])  # expect: [2, 0, 3]
# an index that is out of range where its arm is not taken is no error
print([if i > 0 { x[i - 1] } else { 0 } for i in 0..3])       # expect: [0, 4, -1]
print([if i < 2 { x[i + 1] } else { -7 } for i in 0..3])      # expect: [-1, 9, -7]
