#!/bin/sh
# command.sh -- the command's options and exit statuses, one by one (cli.sh has its everyday use).
# covers: E0505
# SPDX-License-Identifier: MIT
build=${1:-build}
bin=${BIN:-$build/descent}
case $bin in /*) ;; *) bin=$(pwd)/$bin ;; esac
if [ ! -x "$bin" ]; then
    echo "FAIL command: no command at $bin"
    exit 1
fi
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir" || exit 2

fail() { echo "FAIL command: $1: $2"; }
# run NAME STATUS ARGS...: stdout in `out`, stderr in `err`; standard input from `in`, or empty
run() {
    name=$1
    want=$2
    shift 2
    [ -f in ] || : >in
    timeout 120 "$bin" "$@" <in >out 2>err
    got=$?
    rm -f in
    if [ "$got" -eq "$want" ]; then echo "ok command: $name"; else fail "$name" "exit status $got, expected $want: $(head -n 3 err | tr '\n' '|')"; fi
}
printed() { if [ "$(cat out)" = "$1" ]; then echo "ok command: $name: prints"; else fail "$name" "printed '$(head -c 200 out)', expected '$1'"; fi; }
said() { if grep -qF -e "$1" err; then echo "ok command: $name: says $1"; else fail "$name" "stderr has no '$1': $(head -c 300 err | tr '\n' '|')"; fi; }
quiet() { if [ -s err ]; then fail "$name" "stderr: $(head -c 200 err)"; else echo "ok command: $name: quiet"; fi; }

echo 'print("ran")' >ran.gd
: >empty.gd
printf '\357\273\277print("bom")\n' >bom.gd
printf 'print("\377")\n' >latin.gd

# ---- options ----
for o in --seed --threads --max-memory --tape-memory --max-steps --time-limit --errors --color --plan --dump; do
    run "$o without a value" 2 $o
    said "$o needs a value"
done
for o in --seed=x --seed=-1 --seed=1.5 --threads=0 --threads=many --max-memory=lots --max-memory=0 --tape-memory=lots --tape-memory=0 --max-steps=0 --max-steps=-5 \
    --time-limit=0 --time-limit=-1 --time-limit=soon --errors=xml --color=always-ish --plan=maybe --dump=everything --nonesuch -x; do
    run "$o is refused" 2 "$o" ran.gd
    said "${o%%=*}"
    if [ -s out ]; then fail "$o is refused" "and yet it printed $(head -c 100 out)"; fi
done
run "options with = and with a space" 0 --seed=4 --threads 1 --max-memory=1G --max-steps 1e6 --time-limit=60 --color=never --plan=off ran.gd
printed ran
run "-e without code" 2 -e
run "-e hands the rest to args()" 0 -e 'args()' a --seed
printed '("a", "--seed")'
run "-e shows the value of its last line" 0 -e 'let x = 3
x + 1'
printed 4
run "-e shows nothing for nil" 0 -e 'print(1)'
printed 1
run "-e: names of a file do not reach further" 2 -e 'ran'
run "-h" 0 -h
quiet
run "--version" 0 --version
quiet
for verb in fmt doc; do
    run "descent $verb" 2 $verb ran.gd
    said "not part of this version"
done

# ---- files ----
run "an empty file" 0 empty.gd
printed ''
quiet
run "a byte order mark" 0 bom.gd
printed bom
run "a file that is not UTF-8" 2 latin.gd
said E0005
run "a folder as script" 2 .
run "a missing file" 2 nothere.gd
said nothere.gd
run "check of a missing file" 2 check nothere.gd
run "check without a file" 2 check
run "test without a file" 2 test
run "test of a missing file" 2 test nothere.gd
echo 'print("before")
let a = undefined_name' >half.gd
run "an error before running prints nothing" 2 half.gd
printed ''
echo 'print("before")
print([1][3])' >late.gd
run "an error while running leaves what was printed" 1 late.gd
printed before
said E0211
echo 'let = 1
let = 2
let = 3' >three.gd
run "several errors, one JSON object a line" 2 --errors=json three.gd
n=$(grep -c '^{.*}$' err)
if [ "$n" -eq 3 ] && [ "$(wc -l <err)" -eq 3 ]; then echo "ok command: three JSON lines"; else fail "three JSON lines" "$(head -n 4 err)"; fi
cat >quote.gd <<'GD'
error("a \"quote\"\n and a tab\t")
GD
run "JSON escapes" 1 --errors=json quote.gd
n=$(wc -l <err)
if [ "$n" -eq 1 ] && grep -qF '\"quote\"\n' err; then echo "ok command: JSON stays on one line"; else fail "JSON stays on one line" "$(cat err)"; fi

# ---- tests ----
printf 'test "good" { assert 1 == 1 }\n' >good.gd
printf 'test "bad" { assert 1 == 2 }\ntest "error" { let x = [1][2] }\ntest "after" { assert true }\n' >bad.gd
run "tests pass" 0 test good.gd
if grep -qx '1 passed, 0 failed' out; then echo "ok command: tests are counted"; else fail "tests are counted" "$(cat out)"; fi
run "tests fail, the others still run" 1 test bad.gd good.gd
if grep -qx '2 passed, 2 failed' out; then echo "ok command: failed tests are counted"; else fail "failed tests are counted" "$(cat out)"; fi
n=$(grep -c 'assertion failed' err)
if [ "$n" -eq 1 ]; then echo "ok command: each failure is reported once"; else fail "each failure is reported once" "$n times"; fi
run "a test file that does not compile" 2 test three.gd
run "plain running leaves tests alone" 0 bad.gd

# ---- limits and interrupts ----
run "--max-steps is exact: 10 turns" 0 --max-steps 10 -e 'for i in 0..10 { nil }'
run "--max-steps is exact: 12 turns" 1 --max-steps 10 -e 'for i in 0..12 { nil }'
said E0502
run "--max-steps cannot be caught" 1 --max-steps 100 -e 'try { while true { nil } } catch e { print("caught") }'
printed ''
run "--time-limit" 1 --time-limit 0.2 -e 'while true { nil }'
said E0503
run "--max-memory" 1 --max-memory 20M -e 'zeros(10_000_000)'
said E0501
run "memory can be caught" 0 --max-memory 20M -e 'try { zeros(10_000_000) } catch e { e.code }'
printed '"E0501"'

# ---- what cannot be written ----
if [ -w /dev/full ]; then
    timeout 20 "$bin" ran.gd >/dev/full 2>err
    status=$?
    if [ $status -eq 1 ] && grep -q 'could not be written' err; then echo "ok command: a full disk is no success"; else fail "a full disk is no success" "status $status"; fi
fi
"$bin" -e 'for i in 0..100000 { print(i) }' 2>err | head -n 1 >out
if [ "$(cat out)" = 0 ] && [ ! -s err ]; then echo "ok command: a closed pipe ends the run quietly"; else fail "a closed pipe ends the run quietly" "$(head -c 200 err)"; fi

# a save that cannot be completed leaves the old file and nothing beside it
echo old >kept.txt
echo 'let s = fold((a, i) -> a + a, "0123456789", 0..16)
try { save("kept.txt", s); print("saved") } catch e { print(e.code) }' >save.gd
out=$( (trap '' XFSZ; ulimit -f 16; timeout 60 "$bin" save.gd) 2>&1)
left=$(ls kept* | tr '\n' ' ')
if [ "$out" = E0401 ] && [ "$(cat kept.txt)" = old ] && [ "$left" = "kept.txt " ]; then
    echo "ok command: a save that fails half-way"
else
    fail "a save that fails half-way" "$out, $left: $(head -c 20 kept.txt)"
fi
run "saving to a device writes to it" 0 -e 'save("/dev/null", "x")'
if [ -c /dev/null ]; then echo "ok command: the device is still one"; else fail "the device is still one" "/dev/null was replaced"; fi

# ---- the sandbox ----
echo 'fn f() = 1' >lib.gd
for code in 'load("ran.gd")' 'save("x.txt", "a")' 'for l in lines("ran.gd") { print(l) }' 'read_csv("ran.gd")'; do
    run "sandbox: $code" 1 --sandbox -e "$code"
    said E0405
done
printf 'use "lib.gd" as lib\nprint(lib.f())\n' >uses.gd
run "sandbox: use of a file" 1 --sandbox uses.gd
said E0405
run "sandbox: modules that come with Descent" 0 --sandbox -e 'use nn
type(nn)'
if [ -e x.txt ]; then fail "the sandbox writes nothing" "x.txt is there"; else echo "ok command: the sandbox writes nothing"; fi

# ---- Ctrl-C (a plain shell's background jobs ignore it, so perl sends it) ----
printf 'test "long" { while true { nil } }\ntest "next" { assert true }\n' >long.gd
printf 'while true { try { while true { nil } } catch e { print("caught") } }\n' >stubborn.gd
for args in 'test long.gd' 'stubborn.gd'; do
    # shellcheck disable=SC2086
    perl -e '
        my $pid = fork;
        if (!$pid) { $SIG{INT} = "DEFAULT"; open STDOUT, ">", "out"; open STDERR, ">", "err"; exec @ARGV }
        $SIG{ALRM} = sub { kill "KILL", $pid };
        select undef, undef, undef, 0.7; kill "INT", $pid; alarm 20;
        waitpid $pid, 0; exit($? & 127 ? 128 + ($? & 127) : $? >> 8)' "$bin" $args
    status=$?
    n=$(grep -c E0505 err)
    if [ $status -eq 130 ] && [ "$n" -eq 1 ] && ! grep -q -e caught -e next out; then
        echo "ok command: Ctrl-C ends $args"
    else
        fail "Ctrl-C ends $args" "status $status, reported $n times, $(head -n 2 out)"
    fi
done
