use data
save("gap.txt", "a,b\n1,2\n3\n")
print(read_csv("gap.txt"))
