#!/bin/sh
# cli.sh -- the command from outside: exit statuses, -e, standard input, options, Ctrl-C, the prompt
# through a pipe. Each line of the report is one behaviour.
# covers: E0505
# SPDX-License-Identifier: MIT
build=${1:-build}
bin=${BIN:-$build/descent}
case $bin in /*) ;; *) bin=$(pwd)/$bin ;; esac
if [ ! -x "$bin" ]; then
    echo "FAIL cli: no command at $bin"
    exit 1
fi
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir" || exit 2
unset NO_COLOR

# expect NAME STATUS WANTED-STDOUT COMMAND... ; stdin comes from the file `in` when it exists
expect() {
    name=$1
    want_status=$2
    want=$3
    shift 3
    [ -f in ] || : >in
    timeout "${LIMIT:-60}" "$@" <in >out 2>err
    status=$?
    if [ "$status" -ne "$want_status" ]; then
        echo "FAIL cli: $name: exit status $status, expected $want_status: $(head -n 3 err | tr '\n' ' ')"
    elif [ "$want" != "*" ] && [ "$(cat out)" != "$want" ]; then
        echo "FAIL cli: $name: printed '$(head -c 200 out | tr '\n' '|')', expected '$want'"
    else
        echo "ok cli: $name"
    fi
    rm -f in
}
# said NAME PATTERN FILE: the last command's out or err has a line that matches
said() {
    if grep -qE -e "$2" "$3"; then echo "ok cli: $1"; else echo "FAIL cli: $1: $3 has no '$2': $(head -c 200 "$3" | tr '\n' '|')"; fi
}
silent() {
    if [ -s "$2" ]; then echo "FAIL cli: $1: $2 says '$(head -c 200 "$2" | tr '\n' '|')'"; else echo "ok cli: $1"; fi
}

echo 'print("hello")' >hello.gd
echo 'print([1, 2][5])' >fails.gd
printf 'print("no")\nlet = 3\n' >syntax.gd
expect "runs a file" 0 hello "$bin" hello.gd
silent "nothing on stderr when all is well" err
expect "an error while running exits with 1" 1 "" "$bin" fails.gd
said "the error shows code and place" '^error E0211' err
said "the error shows file, line and column" 'fails\.gd:1:[0-9]+' err
said "the error shows the source" 'print\(\[1, 2\]\[5\]\)' err
said "the error points with carets" '\^' err
expect "a syntax error exits with 2 and runs nothing" 2 "" "$bin" syntax.gd
expect "a file that is not there exits with 2" 2 "" "$bin" nothere.gd
said "and names it" 'nothere\.gd' err
expect "an unknown option exits with 2" 2 "" "$bin" --nonesuch hello.gd
said "and names it too" 'nonesuch' err
expect "-e runs code" 0 7 "$bin" -e 'print(3 + 4)'
expect "-e takes an expression" 0 "*" "$bin" -e 1
expect "-e with an error" 1 "" "$bin" -e 'error("x")'
expect "-e with a syntax error" 2 "" "$bin" -e 'let = 3'
echo 'print(1 + 1)' >in
expect "- reads standard input" 0 2 "$bin" -
echo 'print(args())' >args.gd
expect "arguments after the file are the script's" 0 '("a", "-b", "--threads")' "$bin" args.gd a -b --threads
expect "--version" 0 "*" "$bin" --version
said "says a version" '[0-9]+\.[0-9]+' out
expect "--help" 0 "*" "$bin" --help
said "names the options" '--max-memory' out

expect "check accepts a good file and runs nothing" 0 "*" "$bin" check fails.gd
expect "check finds a syntax error" 2 "*" "$bin" check syntax.gd
echo 'print(unknown_thing)' >name.gd
expect "check finds an unknown name" 2 "*" "$bin" check name.gd
printf 'fn sum(x) = x\nprint(sum(1))\n' >shadow.gd
expect "check warns of a shadowed built-in" 0 "*" "$bin" check shadow.gd
said "and says which" 'warning.*sum' err
expect "check of several files" 2 "*" "$bin" check hello.gd syntax.gd

printf 'test "a" { assert true }\ntest "b" { assert 1 + 1 == 2 }\n' >good.gd
printf 'test "c" { assert false, "broken" }\n' >bad.gd
expect "test passes" 0 "*" "$bin" test good.gd
expect "test fails" 1 "*" "$bin" test good.gd bad.gd

echo 'print(uniform(1)[0], uniform(1)[0])' >random.gd
"$bin" --seed 5 random.gd >one
"$bin" --seed 5 random.gd >two
"$bin" --seed 6 random.gd >three
if cmp -s one two && ! cmp -s one three; then echo "ok cli: --seed repeats a run"; else echo "FAIL cli: --seed repeats a run: $(cat one two three | tr '\n' ' ')"; fi
cat >threads.gd <<'GD'
seed(3)
let x = normal(300, 200)
let y = normal(200, 250)
let z = x @ y
print(sum(z ^ 2), z[17, 31], sum(x), norm(y), sum(exp(x)), max(z))
print(sum(grad(x -> sum(tanh(x @ y)))(x)))
print(sum(normal(1_000_000)))
GD
for n in 1 2 3; do "$bin" --threads $n threads.gd >threads.$n 2>&1; done
if [ -s threads.1 ] && cmp -s threads.1 threads.2 && cmp -s threads.1 threads.3; then
    echo "ok cli: the same bits with any number of threads"
else
    echo "FAIL cli: the same bits with any number of threads: $(head -n 1 threads.1) / $(head -n 1 threads.2)"
fi

cat >train.gd <<'GD'
var w = 1
descend w using gd(lr: 0.1) for 2000 { w ^ 2 }
print("done")
GD
expect "no progress line where stderr is no terminal" 0 done "$bin" train.gd
silent "stderr stays empty" err
if "$bin" fails.gd 2>&1 | grep -q "$(printf '\033')"; then echo "FAIL cli: no colour in a pipe: escapes found"; else echo "ok cli: no colour in a pipe"; fi
expect "--errors=json" 1 "" "$bin" --errors=json fails.gd
said "gives the code as JSON" '"E0211"' err
said "gives the line as JSON" '"line": ?1\b' err

echo 'save("x.npy", zeros(100)); save("t.safetensors", (a: 1))' >save.gd
mkdir clean && (cd clean && "$bin" ../save.gd >/dev/null 2>&1)
left=$(ls clean | tr '\n' ' ')
if [ "$left" = "t.safetensors x.npy " ]; then echo "ok cli: saving leaves nothing beside the file"; else echo "FAIL cli: saving leaves nothing beside the file: $left"; fi
echo 'try { save("x.npy", (1, x -> x)) } catch e { nil }' >nosave.gd
before=$(cksum clean/x.npy)
(cd clean && "$bin" ../nosave.gd >/dev/null 2>&1)
if [ "$before" = "$(cksum clean/x.npy)" ]; then echo "ok cli: a save that fails leaves the old file"; else echo "FAIL cli: a save that fails leaves the old file"; fi

# Ctrl-C: background jobs of a plain shell ignore SIGINT, so perl sends it
echo 'var i = 0
while true { i += 1 }' >forever.gd
echo 'var w = [1, 2]
descend w using gd(lr: 1e-9) for 1_000_000_000 { sum(w ^ 2) }' >forever_descend.gd
for script in forever forever_descend; do
    perl -e '
        my $pid = fork;
        if (!$pid) { $SIG{INT} = "DEFAULT"; open STDERR, ">", "err"; exec @ARGV }
        $SIG{ALRM} = sub { kill "KILL", $pid };
        select undef, undef, undef, 0.5; kill "INT", $pid; alarm 20;
        waitpid $pid, 0; exit($? & 127 ? 128 + ($? & 127) : $? >> 8)' "$bin" $script.gd
    status=$?
    if [ $status -eq 130 ] && grep -q E0505 err; then
        echo "ok cli: Ctrl-C ends $script with 130"
    else
        echo "FAIL cli: Ctrl-C ends $script with 130: status $status, $(head -n 2 err | tr '\n' ' ')"
    fi
done

for what in tokens ast code; do
    expect "--dump=$what prints and stops" 0 "*" "$bin" --dump=$what hello.gd
    said "--dump=$what shows something" '.' out
    if grep -qx hello out; then echo "FAIL cli: --dump=$what does not run the file"; else echo "ok cli: --dump=$what does not run the file"; fi
done

# the prompt needs a terminal: script(1) lends one
if [ -z "${MINIMAL-}" ] && script -qec true /dev/null >/dev/null 2>&1; then
    prompt() {
        timeout 60 script -qec "env NO_COLOR=1 TERM=dumb HOME=$dir '$bin'" /dev/null <in 2>err | tr -d '\r' >out
        rm -f in
    }
    cat >in <<'GD'
1 + 1
let x = 20
x + 1
fn f(a) {
  a * 100
}
f(3)
ans + 5
let x = 7
x * 6
GD
    prompt
    said "the prompt shows a value" '^2$' out
    said "the prompt keeps names" '^21$' out
    said "the prompt joins the lines of a block" '^300$' out
    said "the prompt has ans" '^305$' out
    said "a name declared again replaces at the prompt" '^42$' out
    cat >in <<'GD'
error("oops")
print(1, 2, 3)
nosuchname
[1, 2][7]
3 +* 4
print("still", "here")
?E0213
?sum
GD
    prompt
    said "the session goes on after an error" '^1 2 3$' out
    said "and after an unknown name, a bad index and a syntax error" '^still here$' out
    said "?E0213 explains" 'stretches' out
    said "?sum helps" 'axis' out
else
    echo "ok cli: the prompt (left out: no terminal from script(1))"
fi
echo 'print(5)' >in
expect "a script through a pipe" 0 5 "$bin"
printf '1 + 1\nans * 10\nerror("oops")\nlet x = 3\nlet x = 4\nx + 1\nfn f(a) {\n  a * 100\n}\nf(3)\n## what it does\nfn g(a) = a\n?g\n(1,\n' >in
expect "the prompt on piped lines" 0 "*" "$bin"
said "piped: a value" '^2$' out
said "piped: ans" '^20$' out
said "piped: it goes on after an error, and a name is replaced" '^5$' out
said "piped: the lines of a block" '^300$' out
said "piped: a line of ## documents what follows" 'what it does' out
said "piped: an input left open" 'E0011' err
