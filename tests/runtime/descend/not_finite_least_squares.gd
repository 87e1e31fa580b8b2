# residuals that are not finite name their operation, too
var w = [1, 2]
descend w using lm() for 3 { w * 0 / 0 }    # expect error: E0311: `/`
