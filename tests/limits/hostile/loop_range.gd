# stops: E0503
for i in 0..1e18 { }
