# stops: E0405
# sandbox
for l in lines("/proc/self/environ") { print(l) }
