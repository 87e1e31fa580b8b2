let name = "Ada
let greeting = "hello {name"
print(name)
