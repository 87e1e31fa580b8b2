# args: --max-memory 30M
var s = "abcdefgh"
while true { s = s + s }  # expect error: E0501
