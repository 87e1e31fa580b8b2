# softmax along an axis
# source: NumPy 1.24.2, SciPy 1.10.1; derivatives: PyTorch 1.13.0a0
let A = [[3, -1, 2], [0.5, 4, -2]]
print((v for v in softmax([1, 2, 3])))
# expect~ (0.09003057317038043, 0.24472847105479767, 0.6652409557748218) 1e-12
print((softmax(A, axis: 1)).shape)  # expect: (2, 3)
print((v for v in reshape(softmax(A, axis: 1), 6)))
# expect~ (0.7213991842739687, 0.013212886953789414, 0.265387928772242, 0.029241872046169695, 0.9683578089271603, 0.0024003190266700643) 1e-12
print((softmax(A, axis: 0)).shape)  # expect: (2, 3)
print((v for v in reshape(softmax(A, axis: 0), 6)))
# expect~ (0.9241418199787566, 0.006692850924284856, 0.9820137900379085, 0.07585818002124356, 0.9933071490757153, 0.017986209962091555) 1e-12
print((softmax(A', axis: -1)).shape)  # expect: (3, 2)
print((v for v in reshape(softmax(A', axis: -1), 6)))
# expect~ (0.9241418199787566, 0.07585818002124356, 0.006692850924284856, 0.9933071490757153, 0.9820137900379085, 0.017986209962091555) 1e-12
print((v for v in softmax([1000, 1001])))
# expect~ (0.26894142136999516, 0.7310585786300049) 1e-12
print(softmax([5]))  # expect: [1]
print(softmax([1, 2] as f32).dtype)  # expect: f32
print((grad(x -> sum(softmax(x, axis: 1) * [[1, 2, 3], [4, 5, 6]]))(A)).shape)  # expect: (2, 3)
print((v for v in reshape(grad(x -> sum(softmax(x, axis: 1) * [[1, 2, 3], [4, 5, 6]]))(A), 6)))
# expect~ (-0.3924330365352748, 0.006025225168599895, 0.3864078113666748, -0.028456974787253005, 0.025992227470164875, 0.0024647473170881424) 1e-11
