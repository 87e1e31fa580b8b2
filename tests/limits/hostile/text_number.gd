# stops: fine
print(number(join(("9" for i in 0..1e5), "")))
