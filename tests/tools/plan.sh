#!/bin/sh
# plan.sh -- what one sees of plans: --dump=plan and its drawing, --stats, `descent profile`, and the page about the pipeline.
#
# Usage: plan.sh BUILD_DIR [--accept]     --accept writes the golden plans and the outputs in the page anew
# SPDX-License-Identifier: MIT
build=${1:-build}
case $build in /*) ;; *) build=$(pwd)/$build ;; esac
bin=${BIN:-$build/descent}
cd "$(dirname "$0")/../.." || exit 2
if [ ! -x "$bin" ]; then
    echo "FAIL plan: no command at $bin"
    exit 1
fi
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
fail() { echo "FAIL plan: $1: $2"; }
# has NAME FILE PATTERN
has() { if grep -qE -e "$3" "$2"; then echo "ok plan: $1"; else fail "$1" "no '$3' in $(head -c 400 "$2" | tr '\n' '|')"; fi; }

accept=
[ "${2-}" != --accept ] || accept=--accept
perl tests/tools/plan_pages.pl $accept "$bin" runtime/INTERNALS.md tests/plans/*.gd

# ---- the dump ----
"$bin" --dump=plan -e 1 >"$dir/none"
has "no plans: says so" "$dir/none" '^plans built: none'
"$bin" --plan=all --dump=plan -e '[1, 2] + [3, 4]' >"$dir/all"
has "--plan=all plans what is small" "$dir/all" '#0 .*add\(x0, x1\)'
"$bin" --dump=plan tests/plans/twice.gd >"$dir/twice"
has "what the script prints stands between" "$dir/twice" '^131072$'
has "plans that are found again are counted" "$dir/twice" '^plans built: 1, found again: 2$'
"$bin" --dump=plan.dot tests/plans/gradient.gd >"$dir/g.dot"
opened=$(tr -cd '{' <"$dir/g.dot" | wc -c)
closed=$(tr -cd '}' <"$dir/g.dot" | wc -c)
has "the drawing: each plan has a frame" "$dir/g.dot" 'subgraph cluster_p2 '
has "the drawing: operations hang together" "$dir/g.dot" 'p1_0 -> p1_1;'
if [ "$opened" -eq "$closed" ] && ! grep -q '^true\|^false' "$dir/g.dot"; then
    echo "ok plan: the drawing is whole and holds nothing else"
else
    fail "the drawing is whole and holds nothing else" "$opened { and $closed }"
fi
if command -v dot >/dev/null 2>&1; then
    if dot -Tsvg "$dir/g.dot" -o "$dir/g.svg" 2>"$dir/err"; then echo "ok plan: Graphviz draws it"; else fail "Graphviz draws it" "$(cat "$dir/err")"; fi
fi

# ---- counters ----
"$bin" --stats tests/plans/twice.gd >/dev/null 2>"$dir/stats"
has "--stats: built" "$dir/stats" '^plans built +1$'
has "--stats: found" "$dir/stats" '^plans found again +2$'
has "--stats: steps" "$dir/stats" '^steps of plans +6$'
has "--stats: regions" "$dir/stats" '^of them fused regions +3$'
has "--stats: calls of kernels" "$dir/stats" '^of them calls of kernels +3$'
has "--stats: bytes" "$dir/stats" '^bytes moved by plans +[1-9][0-9]{4}'
"$bin" --plan=off --stats tests/plans/twice.gd >/dev/null 2>"$dir/stats"
has "--stats: --plan=off builds none" "$dir/stats" '^plans built +0$'

# ---- profile ----
cat >"$dir/train.gd" <<'GD'
seed(1)
let x = normal(128, 50)
let t = normal(128, 1)
var w = zeros(50, 1)
descend w using adam(lr: 0.01) for 40 {
  mse(tanh(x @ w), t)
}
let big = normal(300, 300)
print(sum(big @ big) < 1e9, args())
GD
"$bin" profile "$dir/train.gd" one two >"$dir/out" 2>"$dir/prof"
status=$?
if [ $status -eq 0 ] && [ "$(cat "$dir/out")" = 'true ("one", "two")' ]; then echo "ok plan: profile runs the script"; else fail "profile runs the script" "status $status, $(head -c 200 "$dir/out" "$dir/prof")"; fi
perl - "$dir/prof" <<'PERL'
use strict;
use warnings;
open my $f, '<', $ARGV[0] or die;
my ($part, %sum, %all, $wide, $line7) = ('');
while (<$f>) {
    chomp;
    $wide = $_ if length > 100;
    $part = 'phase' if /^ +secs +share +calls +what/;
    $part = 'kind' if /^ +own secs/;
    $part = 'line' if /^by source line/;
    $part = '' if /^plans:/;
    next unless /^ *([\d.]+) +([\d.]+)% +(.*)/;
    my ($secs, $rest) = ($1, $3);
    if ($part eq 'phase' && $rest =~ /^all/) { $all{phase} = $secs; next }
    $all{step} += $secs if $part eq 'phase' && $rest =~ /steps of plans|run at once/;
    $sum{$part} += $secs;
    $line7 = $secs if $part eq 'line' && $rest =~ /train\.gd:6 /;
}
sub near { abs($_[0] - $_[1]) <= 0.002 + 0.01 * $_[1] }
my @say = (
    [ 'the phases add up to the whole run', near($sum{phase} // -1, $all{phase} // 0) ],
    [ 'the kinds of steps add up to the tensor work', near($sum{kind} // -1, $all{step} // 0) ],
    [ 'the lines add up to the tensor work', near($sum{line} // -1, $all{step} // 0) ],
    [ 'the line of the loss has its forward and backward work', defined $line7 ],
    [ 'lines fit 100 columns', !defined $wide ],
);
print $_->[1] ? 'ok' : 'FAIL', " plan: profile: $_->[0]", $_->[1] ? '' : ": $sum{phase} $all{phase} $sum{kind} $sum{line} $all{step}", "\n" for @say;
PERL
has "profile: a product's rate" "$dir/prof" '[0-9]\.[0-9]+ +[0-9.]+ +matmul f64 \[300, 300\] \[300, 300\]'
has "profile: 2 m n k flops of a product" "$dir/prof" ' 54\.0M .*matmul f64 \[300, 300\]'
has "profile: optimiser's steps" "$dir/prof" ' 40 +optimisers$'
has "profile: peak memory" "$dir/prof" '^peak memory: [0-9.]+[kMG]?B of values, [0-9.]+[kMG]B resident'
echo 'let a = ones(100, 100) @ ones(100, 100)
print([1, 2][3])' >"$dir/wrong.gd"
"$bin" profile "$dir/wrong.gd" >/dev/null 2>"$dir/prof"
status=$?
if [ $status -eq 1 ] && grep -q '^error E0211' "$dir/prof" && grep -q '^profile of' "$dir/prof"; then
    echo "ok plan: profile reports a run that fails too"
else
    fail "profile reports a run that fails too" "status $status: $(head -c 300 "$dir/prof")"
fi
"$bin" profile --plan=off "$dir/train.gd" >/dev/null 2>"$dir/prof"
has "profile: without plans all runs at once" "$dir/prof" '^ +0\.0000 +0\.0% +0 +steps of plans$'
"$bin" profile >/dev/null 2>"$dir/prof"
if [ $? -eq 2 ]; then echo "ok plan: profile needs a file"; else fail "profile needs a file" "$(cat "$dir/prof")"; fi
"$bin" profile "$dir/nothere.gd" >/dev/null 2>"$dir/prof"
if [ $? -eq 2 ] && grep -q 'nothere\.gd' "$dir/prof"; then echo "ok plan: profile of a missing file"; else fail "profile of a missing file" "$(cat "$dir/prof")"; fi
