# stops: E0405
# sandbox
use "../../../etc/passwd" as p
