#!/bin/sh
# run.sh -- every benchmark beside its peer, in one run, alternating; prints times and ratios.
#
# Usage: tests/bench/run.sh [BUILD_DIR]        (`make bench` calls it; from anywhere)
# PYTHON names the python3 that has PyTorch (default /usr/bin/python3, Debian's python3-torch).
# RUNS is how often each pair is run (default 5); the figures are medians unless said. A ratio is
# ours by the peer's: below 1 is faster than the peer. What is not installed is skipped and says so.
# SPDX-License-Identifier: MIT
set -u
here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
build=${1:-$top/build}
case $build in /*) ;; *) build=$(pwd)/$build ;; esac
descent=$build/descent
PYTHON=${PYTHON:-/usr/bin/python3}
RUNS=${RUNS:-5}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM

[ -x "$descent" ] || { echo "run.sh: no $descent; run make first" >&2; exit 2; }
mkdir -p "$build/bench"
${CC:-cc} -std=gnu11 -O2 -o "$build/bench/pair" "$here/pair.c" || exit 2

lua=$(command -v lua5.4) || { lua=; echo "(lua5.4 is not installed: no comparison with Lua)"; }
torch=yes
"$PYTHON" -c 'import torch' 2>/dev/null || {
    torch=
    echo "(python3-torch is not installed: no comparison with PyTorch)"
}

[ ! -r /proc/loadavg ] || awk '$1 > 0.5 {
    print "(load " $1 ": the machine is busy, so the figures are too large)" }' /proc/loadavg

median() { sort -n | awk '{ v[NR] = $1 } END { if (NR) print v[int((NR + 1) / 2)] }'; }

# ---- start and exit ----
sh "$here/startup.sh" "$build"

# ---- plain loops ----
# Lua's clock counts processor time and ours the wall's, so the best of 3 x 7 is compared: what
# else the machine does cannot make it smaller.
: >"$work/w9"
for k in 1 2 3; do
    "$descent" "$here/w9.gd" >>"$work/w9" || echo "w9.gd failed"
    [ -z "$lua" ] || "$lua" "$here/w9.lua" >>"$work/w9"
done
awk '
    function field(name) { match($0, "\"" name "\":\"?[^\",}]*")
        s = substr($0, RSTART, RLENGTH); sub(/^"[^"]*":"?/, "", s); return s }
    { test = field("test"); tool = field("tool"); ms = field("min_ms") + 0
      if (!(test in seen)) { seen[test] = 1; order[++count] = test }
      if (!((test, tool) in best) || ms < best[test, tool]) best[test, tool] = ms
      result[test, tool] = field("result") }
    END { for (i = 1; i <= count; i++) { test = order[i]
        printf "%-21s descent %9.2f ms", test, best[test, "descent"]
        if ((test, "lua5.4") in best) {
            printf "   lua5.4 %9.2f ms   ratio %.2f", best[test, "lua5.4"],
                best[test, "descent"] / best[test, "lua5.4"]
            if (result[test, "descent"] + 0 != result[test, "lua5.4"] + 0) printf "   RESULTS DIFFER"
        }
        print "" } }' "$work/w9"

# ---- scalar code, differentiated ----
for k in $(seq "$RUNS"); do "$descent" "$here/scalar_tape.gd"; done >"$work/tape"
"$build/bench/pair" 3 long "$descent" "$here/scalar_tape.gd" 200000 \
    -- short "$descent" "$here/scalar_tape.gd" 10 >"$work/memory"
echo "scalar tape           $(median <"$work/tape") ns and" \
    "$(awk '$1 == "apart" { print $2 / 1e6 }' "$work/memory") bytes for each of 10^6 operations"

# ---- descend on two numbers ----
for k in $(seq "$RUNS"); do
    "$descent" "$here/rosenbrock.gd" >>"$work/valley"
    [ -z "$torch" ] || [ "$k" -gt 3 ] || "$PYTHON" "$here/rosenbrock_torch.py" >>"$work/valley_torch"
done
ours=$(median <"$work/valley")
if [ -n "$torch" ]; then
    theirs=$(median <"$work/valley_torch")
    echo "rosenbrock, 10^4 steps  descent $ours ms   PyTorch $theirs ms" \
        "  ratio $(awk "BEGIN { printf \"%.4f\", $ours / $theirs }")"
else
    echo "rosenbrock, 10^4 steps  descent $ours ms"
fi

# ---- a whole training, from the command line to the last print ----
digits=$top/examples/digits.gd
if [ -n "$torch" ]; then
    "$build/bench/pair" "$RUNS" descent "$descent" "$digits" \
        -- PyTorch "$PYTHON" "$here/digits_torch.py"
else
    "$build/bench/pair" "$RUNS" descent "$descent" "$digits"
fi | awk '
    $1 == "ratio" { printf "digits, whole process   ratio %.3f\n", $2; next }
    $1 == "apart" { next }
    { printf "digits, whole process   %-8s %8.1f ms (best %.1f), %.1f MB resident\n", $1, $2, $3, $4 }'

# ---- GradBench's programs ----
sh "$here/gradbench.sh" "$build"

# ---- what a gradient costs beside its function, as programs grow ----
"$descent" "$here/scaling.gd"

# ---- convolutions ----
for k in 1 2 3; do
    "$descent" "$here/conv.gd" | sed 's/^/descent /'
    [ -z "$torch" ] || "$PYTHON" "$here/conv_torch.py" | sed 's/^/torch /'
done | awk '
    { if (!($2 in seen)) { seen[$2] = 1; order[++count] = $2 }
      if (!(($1, $2) in f) || $3 < f[$1, $2]) f[$1, $2] = $3
      if (!(($1, $2) in b) || $4 < b[$1, $2]) b[$1, $2] = $4 }
    END { for (i = 1; i <= count; i++) { c = order[i]
        printf "conv %-18s descent %6.2f ms, with gradients %6.2f ms", c, f["descent", c], b["descent", c]
        if (("torch", c) in f) printf "   ratio to PyTorch %.2f and %.2f", f["descent", c] / f["torch", c],
            b["descent", c] / b["torch", c]
        print "" } }'

# ---- fused operations of networks, forward and backward, f32 ----
for k in 1 2 3; do
    "$descent" "$here/neural.gd" | sed 's/^/descent /'
    [ -z "$torch" ] || "$PYTHON" "$here/neural_torch.py" | sed 's/^/torch /'
done | awk '
    { if (!($2 in seen)) { seen[$2] = 1; order[++count] = $2 }
      if (!(($1, $2) in t) || $3 < t[$1, $2]) t[$1, $2] = $3 }
    END { for (i = 1; i <= count; i++) { c = order[i]
        printf "%-24s descent %7.2f ms", c, t["descent", c]
        if (("torch", c) in t) printf "   PyTorch %7.2f ms   ratio %.2f", t["torch", c],
            t["descent", c] / t["torch", c]
        print "" } }'

# ---- the training workloads, on one thread and on two; w4b only by name (it takes 3 GB) ----
sh "$here/peers.sh" "$build"
