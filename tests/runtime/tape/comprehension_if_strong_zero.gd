# the arm that is not taken gives no NaN
print(grad(x -> sum([if x[i] > 0 { sqrt(x[i]) } else { 0 } for i]))([0, 4]))  # expect: [0, 0.25]
