#!/bin/sh
# files.sh -- no failure and no kill loses what was saved: for each format every file operation of a save fails in turn, and
# of a load; saves are killed at random moments; folders that are not there, folders in the place of files, links and
# permissions.
#
# Usage: tests/tools/files.sh BUILD_DIR
# SPDX-License-Identifier: MIT
build=${1:-build}
case $build in /*) ;; *) build=$(pwd)/$build ;; esac
bin=${BIN:-$build/descent}
cd "$(dirname "$0")/../.." || exit 2
[ -z "${SAN-}" ] || { echo 'ok files (left out: the sanitizers do not like what is preloaded)'; exit; }
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
verdict() { if [ -z "$2" ]; then echo "ok files: $1"; else echo "FAIL files: $1: $2"; fi; }

if ! ${CC:-cc} -std=gnu11 -O1 -shared -fPIC -o "$dir/fail.so" -include stdbool.h tests/tools/files/fail.c -ldl 2>"$dir/log"; then
    echo "FAIL files: fail.c does not build: $(head -n 1 "$dir/log")"
    exit
fi
here=$dir/here
mkdir "$here"
old='(a: range(3000), b: [[1, 2], [3, 4]])'
new='(a: range(3000) * 2, b: [[5, 6], [7, 8]])'

# With the n-th operation failing, n = 1, 2, ... until none is met: the old file whole or the new one, nothing beside it,
# an error that names the file and says why, or none and the new file.
each_fails() { # extension, old value, new value, errno, its text
    file=$here/t$1
    n=0
    bad=
    while [ -z "$bad" ]; do
        n=$((n + 1))
        rm -rf "$here" && mkdir "$here"
        "$bin" -e "save(args()[0], $3)" "$file" && mv "$file" "$dir/new"
        "$bin" -e "save(args()[0], $2)" "$file" && cp "$file" "$dir/old"
        FAIL_DIR=$here FAIL_AT=$n FAIL_ERRNO=$4 LD_PRELOAD=$dir/fail.so \
            "$bin" -e "save(args()[0], $3)" "$file" >"$dir/said" 2>&1 9>"$dir/met"
        status=$?
        what="operation $n, $(cat "$dir/met")"
        if cmp -s "$file" "$dir/new"; then is=new; elif cmp -s "$file" "$dir/old"; then is=old; else is=damaged; fi
        case "$status $is" in
        '0 new') ;;
        '1 old' | '1 new') grep -q "error E0401: .*\"$file\".*: $5" "$dir/said" || bad="$what says: $(cat "$dir/said")" ;;
        *) bad="$what ends with status $status and the file $is: $(head -n 1 "$dir/said")" ;;
        esac
        [ "$(ls -A "$here")" = "t$1" ] || bad="$what leaves $(ls -A "$here" | tr '\n' ' ')"
        [ -s "$dir/met" ] || break
    done
    [ $n -ge 6 ] || bad="only $((n - 1)) operations were met"
    verdict "each of $((n - 1)) operations of saving $1 failing with $5" "$bad"
}
ENOSPC='No space left on device'
for ext in .npz .safetensors; do each_fails $ext "$old" "$new" 28 "$ENOSPC"; done
for ext in .npy .npy.gz .csv; do each_fails $ext 'reshape(range(6000), 2000, 3)' 'reshape(range(6000) * 2, 2000, 3)' 28 "$ENOSPC"; done
each_fails .idx '[[1, 2]] as u8' '[[3, 4]] as u8' 13 'Permission denied'
each_fails .json "$old" "$new" 5 'Input/output error'
each_fails .wav '(rate: 8000, x: sin(range(3000)))' '(rate: 8000, x: cos(range(3000)))' 28 "$ENOSPC"
each_fails .txt '"old"' '"new"' 122 'Disk quota exceeded'
[ -n "${MINIMAL-}" ] || each_fails .png 'reshape(range(64), 8, 8) / 64' 'reshape(range(64), 8, 8) / 99' 28 "$ENOSPC"

# Reading: an error that names the file, or the value.
bad=
for name in t.npy t.npy.gz t.csv t.json t.txt; do
    file=$here/$name
    case $name in *.txt) v='"some text"' ;; *.json) v='(1, 2)' ;; *) v='[[1, 2], [3, 4]]' ;; esac
    "$bin" -e "save(args()[0], $v)" "$file"
    whole=$("$bin" -e 'print(load(args()[0]))' "$file")
    n=0
    while [ $n -lt 40 ]; do
        n=$((n + 1))
        FAIL_DIR=$here FAIL_AT=$n FAIL_ERRNO=5 LD_PRELOAD=$dir/fail.so \
            "$bin" -e 'print(load(args()[0]))' "$file" >"$dir/said" 2>&1 9>"$dir/met"
        status=$?
        case $status in
        0) [ "$(cat "$dir/said")" = "$whole" ] || bad="$name, $(cat "$dir/met"): another value" ;;
        1) grep -q "error E040[12]: .*\"$file\"" "$dir/said" || bad="$name, $(cat "$dir/met"): $(cat "$dir/said")" ;;
        *) bad="$name, $(cat "$dir/met"): status $status" ;;
        esac
        [ -s "$dir/met" ] || break
    done
done
verdict 'each operation of loading failing' "$bad"

# kill -9: what stands there is always one whole file, of the first save or a later one.
cat >"$dir/saver.gd" <<'GD'
var i = 0
while true { i += 1; save(args()[0], i + zeros(300, 400)) }
GD
bad=
kills=0
for name in k.npy k.safetensors k.npy.gz k.csv; do
    file=$dir/$name
    i=0
    while [ $i -lt 12 ]; do
        i=$((i + 1))
        rm -f "$file"
        "$bin" "$dir/saver.gd" "$file" &
        pid=$!
        while [ ! -e "$file" ]; do sleep 0.01; done
        perl -e 'select undef, undef, undef, rand 0.06'
        kill -9 $pid
        wait $pid 2>/dev/null
        kills=$((kills + 1))
        said=$("$bin" -e 'let x = load(args()[0]); let y = if type(x) == "list" { stack((x[k] for k in 0..len(x)))'"'"' } else { x }
print(y.shape, all(y == y[0, 0]), y[0, 0] >= 1)' "$file" 2>&1)
        [ "$said" = '(300, 400) true true' ] || bad="$name: $said"
        rm -f "$file".tmp*
    done
done
verdict "$kills saves killed" "$bad"

# The place itself.
cd "$dir" || exit 2
bad=
says() { # what, pattern, code
    said=$("$bin" -e "$3" 2>&1)
    case $said in *"$2"*) ;; *) bad="$bad $1: $said;" ;; esac
}
mkdir folder folder.npy
says 'no folder' 'error E0401: cannot write beside "none/x.npy": No such file or directory' 'save("none/x.npy", [1])'
says 'a folder' 'error E0401: cannot write "folder.npy": it is a folder' 'save("folder.npy", [1])'
says 'a folder to read' 'error E0401: cannot read "folder.npy": it is a folder' 'load("folder.npy")'
says 'a file as folder' 'error E0401: cannot write beside "fail.so/x.txt": Not a directory' 'save("fail.so/x.txt", "1")'
[ -d folder.npy ] || bad="$bad the folder is gone;"
"$bin" -e 'save("real.txt", "1")' && ln -s ../real.txt folder/link.txt && ln -s link.txt folder/more.txt
"$bin" -e 'save("folder/more.txt", "2")' && [ "$(cat real.txt)" = 2 ] && [ -L folder/more.txt ] && [ -L folder/link.txt ] ||
    bad="$bad a link was not followed;"
ln -s "$dir/fresh.txt" dangling.txt
"$bin" -e 'save("dangling.txt", "3")' && [ "$(cat fresh.txt)" = 3 ] && [ -L dangling.txt ] || bad="$bad a dangling link;"
ln -s round.txt round.txt
says 'a link to itself' 'error E0401: cannot write "round.txt": Too many levels of symbolic links' 'save("round.txt", "4")'
chmod 640 real.txt && "$bin" -e 'save("real.txt", "5")' && [ "$(stat -c %a real.txt)" = 640 ] || bad="$bad permissions;"
(umask 027 && "$bin" -e 'save("masked.txt", "6")') && [ "$(stat -c %a masked.txt)" = 640 ] || bad="$bad the umask;"
ln real.txt other.txt && "$bin" -e 'save("real.txt", "7")' && [ "$(cat other.txt)" = 5 ] || bad="$bad another name of the file;"
[ "$("$bin" -e 'save("/dev/stdout", "8")')" = 8 ] || bad="$bad /dev/stdout;"
says 'a full device' 'error E0401: cannot write "/dev/full": No space left on device' 'save("/dev/full", "9")'
[ -z "$(ls ./*.tmp* folder/*.tmp* 2>/dev/null)" ] || bad="$bad left over: $(ls ./*.tmp* folder/*.tmp*);"
verdict 'folders, links, permissions, devices' "$bad"
