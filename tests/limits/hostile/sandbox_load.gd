# stops: E0405
# sandbox
load("/etc/passwd")
