fn area(r) = pii * r^2
