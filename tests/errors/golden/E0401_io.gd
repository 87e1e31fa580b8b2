let table = read_csv("measurments.csv")
