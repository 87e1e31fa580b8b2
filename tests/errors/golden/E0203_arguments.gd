fn area(w, h) = w * h
print(area(3))
