use "lib/nonesuch.gd" as m  # expect error: E0102|E0401
# exit: 2
