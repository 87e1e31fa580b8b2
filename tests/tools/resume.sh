#!/bin/sh
# resume.sh -- a run that goes on from a snapshot ends in the very bytes, and prints the very lines, of one that was never
# interrupted: every script of tests/tools/resume/ from every snapshot it makes, begun on one thread and resumed on two;
# a run that was killed; and the ways it is refused.
#
# Usage: tests/tools/resume.sh BUILD_DIR
# SPDX-License-Identifier: MIT
build=${1:-build}
case $build in /*) ;; *) build=$(pwd)/$build ;; esac
bin=${BIN:-$build/descent}
cd "$(dirname "$0")/resume" || exit 2
scripts=$(pwd)
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

for script in *.gd; do
    work=$dir/$(basename "$script" .gd)
    mkdir "$work"
    cp "$script" "$work"
    cd "$work" || exit 2
    bad=
    n=0
    "$bin" --threads 1 "$script" >full 2>&1 || bad="the run failed: $(head -n 2 full | tr '\n' ' ')"
    mv final.safetensors whole
    for snap in *.snapshot.safetensors; do
        cp "$snap" from
        "$bin" --threads 2 --resume from "$script" >again 2>err || { bad="from $snap: $(head -n 1 err)"; break; }
        tail -n "$(wc -l <again)" full | cmp -s - again || { bad="from $snap it prints other lines"; break; }
        cmp -s final.safetensors whole || { bad="from $snap it ends with other values"; break; }
        rm final.safetensors
        n=$((n + 1))
    done
    [ "$n" -gt 1 ] || bad="${bad:-it made no snapshots}"
    if [ -z "$bad" ]; then echo "ok resume: $script, $n snapshots"; else echo "FAIL resume: $script: $bad"; fi
    cd "$scripts" || exit 2
done

# killed, not ended
mkdir "$dir/killed" && cd "$dir/killed" || exit 2
cat >k.gd <<'GD'
use data
let x = normal(64, 4)
var w = zeros(4)
var turns = 0
descend w over (x,) in data.batches((x: x), 8, epochs: 200) using adam(lr: 0.01) { mean((x @ w - 1)^2) } watch every 1 {
  save("run.safetensors", snapshot())
  turns += 1
}
save("final.safetensors", (w: w, turns: turns, next: uniform(4)))
GD
"$bin" --seed 11 k.gd && mv final.safetensors whole && rm run.safetensors
"$bin" --seed 11 k.gd &
pid=$!
while [ ! -f run.safetensors ]; do sleep 0.02; done
sleep 0.1
kill -9 $pid 2>/dev/null
wait $pid 2>/dev/null
times=0
until [ -f final.safetensors ] || [ $times -ge 50 ]; do
    cp run.safetensors from
    if [ $times -lt 3 ]; then
        timeout -s KILL 0.15 "$bin" --resume from k.gd >/dev/null 2>&1
    else "$bin" --resume from k.gd || break
    fi
    times=$((times + 1))
done
if cmp -s final.safetensors whole; then
    echo "ok resume: killed and resumed $times times"
else
    echo "FAIL resume: a killed run ends otherwise"
fi

# refused, each with its reason
refused() {
    said=$("$bin" --resume "$2" "$3" 2>&1 >/dev/null)
    status=$?
    case "$status $said" in
    1*"error E0406: $4"*) ;;
    *) bad="$bad $1: status $status, $said;" ;;
    esac
}
bad=
cp from good
refused 'not a snapshot' whole k.gd '"whole" is no snapshot of a run'
sed 's/0.01/0.02/' k.gd >changed.gd
refused 'a changed script' good changed.gd '"changed.gd" is not what it was when "good" was made'
cat >twice.gd <<'GD'
var w = 1
for i in 0..number(args()[0]) { descend w using gd(lr: 0.1) for 3 { w^2 } watch every 1 { save("t{i}.safetensors", snapshot()) } }
GD
"$bin" twice.gd 3
said=$("$bin" --resume t2.safetensors twice.gd 2 2>&1 >/dev/null)
case $said in
*'error E0406: the run ended without reaching the descend of "t2.safetensors" (twice.gd:2, entered 3 times)'*) ;;
*) bad="$bad not reached: $said;" ;;
esac
cat >rows.gd <<'GD'
use data
var w = 1
descend w over (x,) in data.batches((x: range(number(args()[0]))), 2) using gd(lr: 0.1) { sum(w * x)^2 } watch every 1 {
  save("r.safetensors", snapshot())
}
GD
"$bin" rows.gd 4
said=$("$bin" --resume r.safetensors rows.gd 5 2>&1 >/dev/null)
case $said in
*'error E0406: the loader has 5 rows, and had 4 when the snapshot was made'*) ;;
*) bad="$bad other data: $said;" ;;
esac
"$bin" --resume none.safetensors k.gd 2>&1 | grep -q 'error E0401: cannot open "none.safetensors"' || bad="$bad no file;"
"$bin" --resume good 2>&1 | grep -q 'resume goes with a script' || bad="$bad without a script;"
"$bin" -e 'snapshot()' 2>&1 | grep -q 'error E0210: snapshot() is for the watch of a descend' || bad="$bad outside watch;"
# every byte of a snapshot matters to nothing but the values: damaged ones are refused or read, never crash
i=0
size=$(wc -c <good)
while [ $i -lt 60 ]; do
    cp good hurt
    printf '\377' | dd of=hurt bs=1 seek=$((i * size / 60)) conv=notrunc 2>/dev/null
    "$bin" --time-limit 5 --resume hurt k.gd >/dev/null 2>err
    [ $? -le 1 ] || bad="$bad damaged at $((i * size / 60)): $(head -n 1 err);"
    i=$((i + 1))
done
if [ -z "$bad" ]; then echo "ok resume: refused with a reason"; else echo "FAIL resume:$bad"; fi
