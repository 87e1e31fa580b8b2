#!/bin/sh
# threads.sh -- the same bits for any number of threads: operations large enough to be cut, printed to the last digit.
#
# Usage: tests/tools/threads.sh BUILD_DIR
# SPDX-License-Identifier: MIT
build=${1:-build}
bin=${BIN:-$build/descent}
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cat >"$dir/body.gd" <<'GD'
use nn
seed(3)
fn say(name, x) {
  let v = reshape(x, len(flatten(x)))
  print(name, sum(v), sum(v * cos(0.37 * range(0, len(v)))), max(v), min(v), v[0], v[-1])
}
let a = normal(600, 700)
let b = normal(700, 500)
let g = normal(600, 500)
say("a b", a @ b)
say("g b'", g @ b')
say("a' g", a' @ g)
let tall = normal(60000, 30)
let y = normal(60000)
say("tall w", tall @ normal(30))
say("tall' y", tall' @ y)
say("tall' tall", tall' @ tall)
say("row b", normal(700) @ b)
say("dot", [y @ y, y @ tall[:, 3]])
say("outer", normal(900, 1) @ normal(1, 800))
let q = normal(8, 4, 96, 32)
let k = normal(8, 4, 96, 32)
say("q k'", q @ permute(k, [0, 1, 3, 2]))
say("shared", q @ normal(32, 32))
say("small items", normal(20000, 3, 3) @ normal(20000, 3, 1))
say("attention", attention(q, k, q))
say("attention, causal", attention(q, k, q, causal: true))
say("its gradient", grad(x -> sum(attention(x, k, x, causal: true) ^ 2))(q))
let x = normal(3000, 200)
let gain = normal(200)
say("chain", tanh(x) * gain + exp(-x * x))
say("chain, turned", sqrt(abs(x')) + 1)
say("sums", concat((sum(x, axis: 0), mean(x, axis: 1), max(x, axis: 0), std(x, axis: 1))))
say("all", [sum(x), mean(x), norm(x), logsumexp(reshape(x, 600000), axis: 0)])
say("softmax", softmax(x, axis: 1))
say("layer norm", layer_norm(x, gain, gain))
say("its gradient", grad(w -> sum(layer_norm(x, w, w) ^ 2))(gain))
say("its gradient", grad(v -> sum(layer_norm(v, gain, gain) * x))(x))
let labels = floor(uniform(3000) * 200)
say("cross entropy", [cross_entropy(x, labels)])
say("its gradient", grad(v -> cross_entropy(v, labels))(x))
say("copies", concat((x, flip(x, 0)), axis: 1)')
say("rows", x[floor(uniform(9000) * 3000)])
say("their gradient", grad(v -> sum(v[floor(range(0, 9000) / 7)] ^ 2))(x))
say("sort", sort(x, axis: 1))
say("cumsum", cumsum(x, axis: 1))
say("draws", concat((uniform(100001), normal(100001))))
let image = normal(8, 3, 40, 40)
let kernel = normal(16, 3, 5, 5)
say("conv", conv2d(image, kernel))
say("its gradient", grad(w -> sum(conv2d(image, w) ^ 2))(kernel))
say("its gradient", grad(v -> sum(conv2d(v, kernel) ^ 2))(image))
say("pool", max_pool2d(image, 2))
model Net() {
  let l1 = nn.Linear(200, 400)
  let l2 = nn.Linear(400, 200)
  fn (x) = l2(relu(l1(x)))
}
for opt in (adam(lr: 0.001), adamw(lr: 0.001), sgd(0.1, momentum: 0.9), rmsprop()) {
  var net = Net()
  let r = descend net over i in 0..4 using opt { cross_entropy(net(x[i * 700 : i * 700 + 700]), labels[i * 700 : i * 700 + 700]) }
  print(r.losses, r.gnorm)
  say("trained", net.l1.W)
}
GD
{ echo 'use f32'; cat "$dir/body.gd"; } >"$dir/f32.gd"
cp "$dir/body.gd" "$dir/f64.gd"
bad=
for kind in f32 f64; do
    for t in 1 2 3; do
        "$bin" --threads $t "$dir/$kind.gd" >"$dir/$kind.$t" 2>&1 || bad="$bad; $kind with $t threads: $(grep -m1 error "$dir/$kind.$t")"
    done
    for t in 2 3; do
        where=$(diff "$dir/$kind.1" "$dir/$kind.$t" | sed -n 's/^< //p' | cut -c1-30 | head -n 3 | tr '\n' ',')
        [ -z "$where" ] || bad="$bad; $kind differs with $t threads: $where"
    done
done
if [ -z "$bad" ]; then echo "ok threads"; else echo "FAIL threads$bad"; fi
