#!/bin/sh
# images.sh -- photographs as PNG against the same as PGM, both made elsewhere: the pixels of a PGM stand in it as bytes,
# so with the header of an .idx before them they are read without any PNG code.
# SPDX-License-Identifier: MIT
build=${1:-build}
bin=${BIN:-$build/descent}
pictures=${SHARED:-../shared}/data/images
[ -z "${MINIMAL-}" ] || { echo 'ok images (left out: a minimal build has none)'; exit; }
[ -d "$pictures" ] || { echo 'ok images (left out: no pictures here)'; exit; }
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
n=0
bad=
for pgm in "$pictures"/*/*-256-grey.pgm; do
    printf '\0\0\010\002\0\0\001\0\0\0\001\0' >"$dir/a.idx"
    tail -c 65536 "$pgm" >>"$dir/a.idx"
    said=$("$bin" -e 'let p = load(args()[0]); let q = load(args()[1])
print(p.shape, all(p == q)); save(args()[2], p); print(all(load(args()[2]) == q))' \
        "${pgm%.pgm}.png" "$dir/a.idx" "$dir/b.png" 2>&1)
    [ "$said" = '(256, 256) true
true' ] || bad="$(basename "$pgm"): $said"
    n=$((n + 1))
done
if [ -z "$bad" ]; then echo "ok images: $n photographs as PNG and as PGM"; else echo "FAIL images: $bad"; fi
