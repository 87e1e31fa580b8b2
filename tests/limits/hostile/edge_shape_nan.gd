# stops: E0216 E0210 E0506 E0201
print(zeros(nan))
