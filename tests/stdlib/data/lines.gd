for line in lines(here("../../data/text.txt")) { print("<{line}>") }
# expect: <first line>
# expect: <second, línea>
# expect: <>
# expect: <last>
