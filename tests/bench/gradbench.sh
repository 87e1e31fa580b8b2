#!/bin/sh
# gradbench.sh -- the gradients of GradBench's evaluations beside other tools, in milliseconds.
#
# Usage: tests/bench/gradbench.sh [BUILD_DIR]
# "now" columns are measured in this run: ours, ADOL-C (Debian libadolc-dev; its tape is recorded in every run) and
# PyTorch (python3-torch, one thread); "-" where it is not installed or has no such program. "listed" columns are figures
# of 23 November 2026 from an AMD EPYC (Zen 4) at one thread: the suite's programs at commit f26651a7, least time of a
# run, hand-written C++ and CoDiPack 2.3.1, which is the fastest general C++ tool there. The ratio is ours by CoDiPack's.
# SPDX-License-Identifier: MIT
set -u
here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
build=${1:-$top/build}
case $build in /*) ;; *) build=$(pwd)/$build ;; esac
PYTHON=${PYTHON:-/usr/bin/python3}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM

[ -x "$build/descent" ] || { echo "gradbench.sh: no $build/descent; run make first" >&2; exit 2; }
OPENBLAS_NUM_THREADS=1 "$build/descent" --threads 1 "$here/gradbench.gd" >"$work/ours" || exit 1

: >"$work/adolc"
if ${CXX:-c++} -std=c++17 -O3 -march=native -o "$work/peer" "$here/gradbench.cpp" -ladolc 2>/dev/null; then
    for what in "llsq 16" "llsq 256" "llsq 4096" "lse 2500" "lse 40000" "lse 640000" "ode 100 10" "ode 100 100" \
        "ode 1000 10" "ode 1000 100" "ode 10000 10" "ode 10000 100" "det 5" "det 6" "det 7" "det 8" "det 9"; do
        # shellcheck disable=SC2086
        (cd "$work" && ./peer $what 2>/dev/null) >>"$work/adolc"
    done
else
    echo "(libadolc-dev is not installed: no comparison with ADOL-C)"
fi
: >"$work/torch"
if "$PYTHON" -c 'import torch' 2>/dev/null; then "$PYTHON" "$here/gradbench_torch.py" >"$work/torch"
else echo "(python3-torch is not installed: no comparison with PyTorch)"; fi

# manual and CoDiPack, in ms
cat >"$work/listed" <<'TABLE'
llsq n=16        0.00321  0.0168
llsq n=256       0.0509   0.261
llsq n=4096      0.813    4.28
lse n=2500       0.0145   0.0411
lse n=40000      0.279    0.777
lse n=640000     4.67     16.8
ode n=100,s=10   0.00017  0.0272
ode n=100,s=100  0.00017  0.475
ode n=1000,s=10  0.00159  0.239
ode n=1000,s=100 0.00159  2.65
ode n=10000,s=10 0.0156   2.55
ode n=10000,s=100 0.0155  23.7
det 5            0.00499  0.00283
det 6            0.0351   0.0161
det 7            0.287    0.111
det 8            2.64     0.903
det 9            26.9     8.48
gmm 2_5_1000     0.151    0.368
gmm 2_25_1000    0.681    1.72
gmm 10_5_1000    0.713    2.85
gmm 10_25_1000   3.38     15.3
gmm 32_25_1000   19.2     134
lstm l=2,c=1024  9.83     3.96
lstm l=4,c=1024  31.5     7.44
lstm l=2,c=4096  39.5     23.5
ba ba1           5.65     18
TABLE
awk '
    function ms(t, k) { return (k in t) ? sprintf("%.4g", 1000 * t[k]) : "-" }
    FILENAME ~ /ours$/ { (($3 == "primal") ? primal[$1 " " $2] = $4 : ours[$1 " " $2] = $4); next }
    FILENAME ~ /adolc$/ { adolc[$1 " " $2] = $4; next }
    FILENAME ~ /torch$/ { torch[$1 " " $2] = $4; next }
    !head++ { printf "%-19s %10s %10s %10s %10s %10s %10s %7s\n", "ms", "primal now", "ours now", "ADOL-C now",
        "torch now", "C++ listed", "CoDi listed", "ratio" }
    { k = $1 " " $2
      printf "%-19s %10s %10s %10s %10s %10s %10s %7.2f\n", k, ms(primal, k), ms(ours, k), ms(adolc, k), ms(torch, k),
          $3, $4, 1000 * ours[k] / $4 }' "$work/ours" "$work/adolc" "$work/torch" "$work/listed"
