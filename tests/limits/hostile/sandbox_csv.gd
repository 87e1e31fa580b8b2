# stops: E0405
# sandbox
read_csv("../../../etc/passwd")
