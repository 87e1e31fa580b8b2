# cross_entropy with class weights, alone and with smoothing: figures of PyTorch 1.13, F.cross_entropy(weight=, label_smoothing=)
let x = [[1, 2, 0.5, -1], [0.3, -0.2, 2, 1], [0, 1, 0.5, 3]]
let w = [0.5, 2, 1, 3]
let y = [2, 0, 3]
let p = [[0.1, 0.2, 0.3, 0.4], [0, 0.5, 0.5, 0], [1, 0, 0, 0]]
let slope = (t, s) -> (v for v in reshape(grad(x -> cross_entropy(x, t, label_smoothing: s, weight: w))(x), 12))
print(cross_entropy(x, y, weight: w), slope(y, 0))
# expect~ 0.8465441422989088 (0.049823959566266916, 0.1354355639108616, -0.19200246315699876, 0.006742939679870272, -0.09889335305584655, 0.00741044485346895, 0.06687936483936939, 0.02460354336300822, 0.02619253976543583, 0.07119870488557517, 0.043184197444933, -0.14057544209594397) 1e-12
print(cross_entropy(x, p, weight: w), slope(p, 0))
# expect~ 3.2151576057943934 (0.12906841506466407, 0.26281569110593683, -0.011607204734221397, -0.3802769014363795, 0.05497991124869049, -0.299986331492723, 0.1342904751104956, 0.110715945133537, -0.1601185317253077, 0.017799676221393793, 0.01079604936123325, 0.13152280614268066) 1e-12
print(cross_entropy(x, y, 0.1, w), slope(y, 0.1))
# expect~ 0.9580433106130544 (0.05016017926138083, 0.13278917554417932, -0.17344706154875567, -0.009502293256804501, -0.0878110241600787, -0.002033316165611646, 0.07637166637267195, 0.013472673953018408, 0.022214270581742253, 0.05682431980054188, 0.03564936617315136, -0.11468795655543543) 1e-12
print(cross_entropy(x, p, 0.1, w), slope(p, 0.1))
# expect~ 3.187872219031009 (0.12413949703580857, 0.25287987403194895, -0.011413751321984394, -0.3656056197457732, 0.05127141050909624, -0.28304177314405127, 0.1451317846253053, 0.0866385780096498, -0.14614520136350195, 0.005137936704540729, 0.0048918271341774, 0.13611543752478383) 1e-12
# equal weights change nothing; leading axes; strided and float32 logits; one row
print(abs(cross_entropy(x, y, weight: 7 * ones(4)) - cross_entropy(x, y)) < 1e-15)                                # expect: true
print(abs(cross_entropy(stack([x, 2 * x]), [y, y], weight: w) - cross_entropy(concat((x, 2 * x)), concat((y, y)), weight: w)) < 1e-15)   # expect: true
print(abs(cross_entropy(stack([x, x], axis: 2)[:, :, 1], y, weight: w) - cross_entropy(x, y, weight: w)) < 1e-15)                       # expect: true
print(cross_entropy(x as f32, y, weight: w as f32))                                                               # expect~ 0.8465441 1e-6
print(cross_entropy(x[0], 2, weight: w) == cross_entropy(x[0], 2))                                                # expect: true
# a class of weight 0 has no part, even of logit -inf; only such labels: 0 / 0, as in PyTorch
print(cross_entropy([[0, -inf], [0, 0]], [1, 0], weight: [1, 0]))                                                 # expect~ 0.6931471805599453 1e-12
print(cross_entropy([[0, 1]], [1], weight: [1, 0]))                                                               # expect: nan
# slopes by weights and smoothing, and second derivatives
print(check_grad((x, w, s) -> cross_entropy(x, y, s, w), x, w, 0.2).error < 1e-7)                                 # expect: true
print(check_grad((x, w, p) -> cross_entropy(x, p, 0.2, w), x, w, p).error < 1e-7)                                 # expect: true
let v = [[1, -1, 2, 0], [0.5, 1, 1, 1], [0, 2, 0, -1]]
let f = x -> cross_entropy(x, y, 0.1, w)
print(norm(hvp(f, x, v) - jvp(grad(f), x, v)[1]) < 1e-14, norm(hvp(f, x, v)) > 0)                                 # expect: true true
