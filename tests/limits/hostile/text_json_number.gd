# stops: fine E0402
print(json_parse(join(("9" for i in 0..1e6), "")))
