# stops: E0501 E0503
# files
for l in lines(here("data/bomb.txt.gz")) { print(len(l)) }
