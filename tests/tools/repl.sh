#!/bin/sh
# repl.sh -- the prompt on a terminal: inputs of several lines, ans, help, errors, definitions, Ctrl-C, history.
#
# script(1) from util-linux lends the terminal; without it everything here is left out. What is typed goes in with
# pauses where the order matters, because a terminal throws away what was typed before a Ctrl-C.
# SPDX-License-Identifier: MIT
build=${1:-build}
bin=${BIN:-$build/descent}
case $bin in /*) ;; *) bin=$(pwd)/$bin ;; esac
if ! script -qec true /dev/null >/dev/null 2>&1; then
    echo "ok repl (left out: no terminal from script(1))"
    exit 0
fi
if [ -n "${MINIMAL-}" ]; then
    echo "ok repl (left out: built without line editing)"
    exit 0
fi
if [ ! -x "$bin" ]; then
    echo "FAIL repl: no command at $bin"
    exit 1
fi
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir" || exit 2

# run: types standard input at the prompt; what the screen showed is in `out`
run() { timeout 120 script -qec "env NO_COLOR=1 TERM=dumb HOME=$dir '$bin' $1" /dev/null 2>err | tr -d '\r' >out; }
# shows NAME TEXT: a line of the screen is exactly TEXT
shows() {
    if grep -qxF -e "$2" out; then echo "ok repl: $1"; else echo "FAIL repl: $1: no line '$2' in: $(tail -n 12 out | tr '\n' '|')"; fi
}
says() {
    if grep -qE -e "$2" out; then echo "ok repl: $1"; else echo "FAIL repl: $1: nothing like '$2' in: $(tail -n 12 out | tr '\n' '|')"; fi
}
never() {
    if grep -qE -e "$2" out; then echo "FAIL repl: $1: $(grep -E -e "$2" out | head -n 2 | tr '\n' '|')"; else echo "ok repl: $1"; fi
}

run <<'GD'
1 +
41
(1,
2)
fn f(a) {
  a * 100
}
f(3)
ans + 5
print("printed")
ans + 1
if f(1) > 5 {
  "large"
} else {
  "small"
}
var w = 4
descend w
using gd(lr: 0.25)
for 3 {
  w ^ 2
}
w
"a line " + """
of two"""
GD
shows "an operator at the end asks for more" 42
shows "so does an open parenthesis" '(1, 2)'
shows "and an open brace" 300
shows "ans is the last value" 305
shows "print leaves ans as it is" 306
shows "else on the line of the brace" '"large"'
shows "a descend header goes over lines" 0.5
says "a string of several lines" '^"a line .*of two"$'
says "the first prompt" '^>>> 1 \+'
says "the prompt for more" '^ +\.\.\. 41'
never "no byte is lost" 'not given back'
never "no progress line behind a short descend" '\[K'

run <<'GD'
let a = 1
a = 2
let a = 3
a
fn twice(x) = x * 2
fn use_twice(x) = twice(x)
fn twice(x) = x * 3
use_twice(5)
var xs = (1, 2)
xs[7]
xs = push(xs, 3)
len(xs)
error("oops")
try { error("inner") } catch e { e.message }
nosuchname
3 +* 4
var broken = [1, 2, 3]
broken[5] = 1
broken
fn deep(n) = deep(n + 1) + 1
deep(0)
print("alive")
model M() { param w = 2; fn (x) = w * x }
M()(21)
use nn
type(nn)
GD
says "a let cannot be rebound" 'E0104'
shows "declared again it is replaced" 3
shows "functions see the new definition" 15
says "an index out of range is an ordinary error" 'E0211'
shows "a variable survives a failed line" 3
says "error(...) shows its message" 'E0224: oops'
shows "try works at the prompt" '"inner"'
says "an unknown name" 'E0101'
says "a syntax error" 'E0010'
shows "a failed update changes nothing" '[1, 2, 3]'
says "recursion without end" 'E0504'
shows "and the session goes on" alive
shows "models" 42
shows "use" '"module"'
never "no byte is lost after errors" 'not given back'

run <<'GD'
## doubles its argument
fn double(x) = 2 * x
?double
?E0213
?sum
?nosuchthing
?sofmtax
?descend
?nn.Linear
?data
?
let big = [1, 2]
?big
GD
says "?name shows the comment of a definition" 'doubles its argument'
says "?E0213 explains a code" 'shapes do not meet'
says "?sum shows the signature" '^sum\(x, axis'
says "a misspelt topic gets the nearest" 'did you mean .softmax.'
says "?descend shows the statement's form" '^descend T '
says "?nn.Linear shows what is in a module" '^model Linear\(inputs, outputs\)'
says "?data lists a module" 'data\.batches\(set, size'
says "an unknown topic says so" 'nothing is known about .nosuchthing'
says "?name of a value shows its type" '^big: f64\[2\]'

history=$(cat .descent_history 2>/dev/null)
case $history in
*double*) echo "ok repl: the history is kept" ;;
*) echo "FAIL repl: the history is kept: $(printf '%s' "$history" | head -n 3 | tr '\n' '|')" ;;
esac

{
    sleep 0.5; printf 'var i = 0\nwhile true { i += 1 }\n'
    sleep 1; printf '\003'
    sleep 0.7; printf 'print("i counts", i > 0)\n'
    sleep 0.3; printf 'var w = [1, 2]\ndescend w using gd(lr: 1e-9) for 1_000_000_000 { sum(w ^ 2) }\n'
    sleep 1.5; printf '\003'
    sleep 0.7; printf 'print("w is plain", w[0] < 1, w[0] > 0.5)\n'
    sleep 0.3; printf 'let half = (1,\n'
    sleep 0.3; printf '\003'
    sleep 0.5; printf '6 * 7\n'
    sleep 0.5; printf '\004'
} | run
says "Ctrl-C stops a loop" 'E0505'
shows "what it did stays" 'i counts true'
shows "Ctrl-C stops a descend between steps" 'w is plain true true'
shows "Ctrl-C drops a half-typed input" 42
never "no byte is lost after Ctrl-C" 'not given back'

printf '1 + 1\n' | run "--max-steps 1000"
shows "options hold at the prompt" 2
printf 'while true { nil }\nprint("next")\n' | run "--max-steps 1000"
says "limits hold at the prompt" 'E0502'
shows "for each input anew" next
