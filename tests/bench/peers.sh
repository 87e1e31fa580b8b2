#!/bin/sh
# peers.sh -- the training workloads beside PyTorch, in one run, alternating.
#
# Usage: tests/bench/peers.sh [BUILD_DIR] [WORKLOAD...]
# Workloads: w1 w2 w3 w3loop w4 w4b w5 w6a w6b w6c w7 w10; all of them with `all`, all but w4b (PyTorch takes 3 GB) when
# none is named. ROUNDS (3) processes of each side, SECS (3) seconds each; THREADS ("1 2"); PYTHON as in run.sh.
#
# A line says: what one step takes with us and with PyTorch in milliseconds (the median step of the best round of each;
# PyTorch's best variant), how many times faster we are (! not as wanted), how many times we want to be, the same by the
# shortest step of each, which a busy machine disturbs least, and the peak memory of both.
# PyTorch is in its best settings: glibc keeps freed memory, the kernels with AVX-512 where they help, and on two threads
# OpenBLAS shares PyTorch's OpenMP pool (libopenblas0-openmp) or, without that package, its idle threads sleep.
# SPDX-License-Identifier: MIT
set -u
here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
build=$top/build
case ${1:-} in '' | all | w[0-9]*) ;; *) build=$1; shift ;; esac
case $build in /*) ;; *) build=$(pwd)/$build ;; esac
PYTHON=${PYTHON:-/usr/bin/python3}
ROUNDS=${ROUNDS:-3} SECS=${SECS:-3} THREADS=${THREADS:-1 2}
every="w1 w2 w3 w3loop w4 w5 w6a w6b w6c w7 w10"
# shellcheck disable=SC2086
{
    [ $# -gt 0 ] || set -- $every
    [ "$*" != all ] || set -- $every w4b
}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
[ -x "$build/descent" ] || { echo "peers.sh: no $build/descent; run make first" >&2; exit 2; }
mkdir -p "$build/bench"
${CC:-cc} -std=gnu11 -O2 -o "$build/bench/peak" "$here/peak.c" || exit 2

python=
if "$PYTHON" -c '' 2>/dev/null; then python=yes; fi
torch=
if "$PYTHON" -c 'import torch' 2>/dev/null; then torch=yes
else echo "(python3-torch is not installed: no comparison with PyTorch)"; fi
openmp=
for d in /usr/lib/*/openblas-openmp; do [ ! -e "$d/libblas.so.3" ] || openmp=$d; done

# The line of figures of a run with its peak: THREADS SIDE VARIANT {json} peak
run()
{
    threads=$1 side=$2 variant=$3
    shift 3
    : >"$work/peak"
    if "$build/bench/peak" "$work/peak" "$@" >"$work/out" 2>"$work/err"; then
        grep '^{' "$work/out" | sed "s/^/$threads $side $variant /; s/\$/ $(cat "$work/peak")/" >>"$work/lines"
    else
        echo "peers.sh: failed: $*" >&2
        head -8 "$work/err" >&2
    fi
}

# ours SCRIPT THREADS; theirs SCRIPT THREADS VARIANT [WORKLOAD...]
ours() { run "$2" ours - "$build/descent" --threads "$2" "$here/workloads/$1.gd" "$SECS"; }
theirs()
{
    [ -n "$torch" ] || return 0
    script=$1 threads=$2 variant=$3
    shift 3
    best="MALLOC_MMAP_THRESHOLD_=1073741824 MALLOC_TRIM_THRESHOLD_=4294967296 MALLOC_TOP_PAD_=67108864"
    case $script in torch_w4*) best="$best ATEN_CPU_CAPABILITY=avx512" ;; esac
    if [ "$threads" -gt 1 ]; then
        if [ -n "$openmp" ]; then best="$best LD_LIBRARY_PATH=$openmp"
        else best="$best OMP_WAIT_POLICY=PASSIVE"; fi
    fi
    # shellcheck disable=SC2086
    run "$threads" torch "$variant" env $best "$PYTHON" -B "$here/peers/$script.py" --threads "$threads" \
        --variant "$variant" --seconds "$SECS" --no-calib ${1:+--only "$@"}
}
pure() { [ -z "$python" ] || run "$1" python hand "$PYTHON" -B "$here/peers/py_w6_scalar.py" --seconds "$SECS" --only "$2"; }

both()
{
    w=$1 n=$2
    case $w in
    w1) ours w1_mlp "$n"; for v in default foreach; do theirs torch_w1_mlp "$n" $v; done ;;
    w2) ours w2_cnn "$n"; theirs torch_w2_cnn "$n" channels_last ;;
    w3) ours w3_lstm "$n"; theirs torch_w3_lstm "$n" module ;;
    w3loop) ours w3_lstm_loop "$n"; for v in module hoist; do theirs torch_w3_lstm "$n" $v; done ;;
    w4) ours w4_gpt "$n"; theirs torch_w4_gpt "$n" default ;;
    w4b) SECS=$((SECS * 4)); ours w4b_gpt2 "$n"; theirs torch_w4b_gpt2 "$n" default W4b_gpt2_124M; SECS=$((SECS / 4)) ;;
    w5) ours w5_mf "$n"; for v in sparse index; do theirs torch_w5_mf "$n" $v; done ;;
    w6a) ours w6a_logreg "$n"; theirs torch_w6_tiny "$n" eager W6a_logreg_2000steps ;;
    w6b) ours w6b_rosenbrock "$n"; theirs torch_w6_tiny "$n" eager W6b_rosenbrock_10000steps
        pure "$n" W6b_rosenbrock_10000steps ;;
    w6c) ours w6c_chain "$n"; for v in eager jit; do
        theirs torch_w6_tiny "$n" $v W6c_chain1000_fwd W6c_chain1000_fwd_bwd; done ;;
    w7) ours w7_logreg "$n"; theirs torch_w7_logreg "$n" default W7_logreg_grad W7_logreg_lbfgs20_wolfe_total ;;
    w10) ours w10_second_order "$n"; theirs torch_w10_second_order "$n" default ;;
    *) echo "peers.sh: no workload $w" >&2; exit 2 ;;
    esac
}

# Ours, theirs, wanted on one thread and on two. A name of theirs without end stands for all that begin so.
cat >"$work/table" <<'TABLE'
W1_mlp W1_mlp 1.25 1.4
W2_cnn W2_cnn 1.4 1.6
W3_lstm W3_lstm 1.3 1.6
W3_lstm_loop W3_lstm 1.3 1.6
W4_gpt W4_gpt 1.25 1.4
W4b_gpt2 W4b_gpt2_124M 1.2 1.4
W5_mf W5_mf 1.5 1.5
W6a_logreg_2000steps W6a_logreg_2000steps 10 10
W6b_rosenbrock_10000steps W6b_rosenbrock_10000steps 100 100
W6c_chain1000_fwd W6c_chain1000_fwd 10 10
W6c_chain1000_fwd_bwd W6c_chain1000_fwd_bwd 10 10
W7_logreg_grad W7_logreg_grad 2 2
W7_logreg_lbfgs20_total W7_logreg_lbfgs20_wolfe_total - -
W10_value W10_value - -
W10_grad W10_grad 10 10
W10_jvp W10_jvp_* - -
W10_hvp W10_hvp_* 10 10
W10_hessian W10_hessian_* 10 10
TABLE

echo "training workloads      threads   descent ms     peer ms   faster by   wanted   least step   MB ours, peer's  (peer)"
for w in "$@"; do
    : >"$work/lines"
    for _ in $(seq "$ROUNDS"); do for n in $THREADS; do both "$w" "$n"; done; done
    awk -v order="$THREADS" '
        function field(name) { match($0, "\"" name "\": *\"?[^\",}]*"); if (!RLENGTH || RSTART == 0) return ""
            s = substr($0, RSTART, RLENGTH); sub(/^"[^"]*": *"?/, "", s); return s }
        function lower(best, p, ms) { if (p in best && best[p] <= ms) return 0; best[p] = ms; return 1 }
        function put(i, t, side,   o, p, r, w) {
            o = "ours" SUBSEP i SUBSEP t; p = side SUBSEP i SUBSEP t
            printf "%-25s %5d %12.4g", name[i], t, mid[o]
            if (p in mid) {
                r = mid[p] / mid[o]; w = (side == "python") ? 0.5 : want[i, t]
                printf " %11.4g %9.2f%s %8s %12.2f %10.1f %7.1f  %s", mid[p], r, (w == "-" || r >= w) ? "  " : " !", w,
                    least[p] / least[o], mb[o], mb[p], (side == "python") ? "python by hand" : pick[p]
            } else printf " %11s %11s %8s %12s %10.1f", "-", "-", want[i, t], "-", mb[o]
            print "" }
        FILENAME ~ /table$/ { name[++count] = $1; table[count] = $2; like[count] = "^" $2 "$"; sub(/\*\$$/, "", like[count])
            want[count, 1] = $3; want[count, 2] = $4; next }
        { w = field("workload"); tool = field("tool"); ms = field("median_ms") + 0
          if (w == "" || !ms || tool == "python-scalar-ad") next
          for (i = 1; i <= count; i++) {
              if (($2 == "ours") ? (w != name[i]) : (w !~ like[i])) continue
              p = $2 SUBSEP i SUBSEP $1
              seen[$2, i] = 1
              if (lower(mid, p, ms)) pick[p] = "torch " ((table[i] ~ /\*/) ? w : field("variant"))
              lower(least, p, field("min_ms") + 0)
              if ($NF + 0 > mb[p] + 0) mb[p] = $NF + 0
          } }
        END { n = split(order, t, " ")
            for (i = 1; i <= count; i++) for (k = 1; k <= n; k++) {
                if (!(("ours", i, t[k]) in mid)) continue
                put(i, t[k], "torch")
                if (("python", i) in seen) put(i, t[k], "python") } }' "$work/table" "$work/lines"
done
