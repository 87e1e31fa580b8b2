print("before")
let text = """
one line
another
