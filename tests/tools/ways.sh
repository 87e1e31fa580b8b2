#!/bin/sh
# ways.sh -- the same scripts in every way they can run: plans off, plans for all that is small too, one thread, and on the
# two older instruction-set levels (the file that chooses the level is built with a cap and linked with the rest).
#
# Usage: tests/tools/ways.sh BUILD_DIR
# SPDX-License-Identifier: MIT
build=${1:-build}
bin=${BIN:-$build/descent}
case $bin in /*) ;; *) bin=$(pwd)/$bin ;; esac
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
tests=$(find tests -mindepth 1 -maxdepth 1 -type d ! -name plans ! -name bench ! -name data ! -name tools | sort)

# way NAME PROGRAM FOLDER...
way()
{
    name=$1 program=$2
    shift 2
    perl tests/run.pl --jobs "${JOBS:-2}" --bin "$program" "$@" >"$dir/log" 2>&1
    counts=$(tail -n 1 "$dir/log")
    case $counts in
    0\ passed*) echo "FAIL ways: $name: nothing was run" ;;
    *" passed, 0 failed") echo "ok ways: $name" ;;
    *) echo "FAIL ways: $name: $(grep -m 3 -A 4 '^FAIL' "$dir/log" | tr '\n' ' ')" ;;
    esac
}

for option in --plan=off --plan=all --threads=1; do
    printf '#!/bin/sh\nexec "%s" %s "$@"\n' "$bin" "$option" >"$dir/run"
    chmod +x "$dir/run"
    # shellcheck disable=SC2086
    way "$option" "$dir/run" $tests
done

[ -z "${SAN-}" ] || { echo 'ok ways: levels (left out under sanitizers)'; exit; }
for level in ISA_BASE ISA_V3; do
    # shellcheck disable=SC2046
    if ! ${CC:-cc} -std=gnu11 -O2 -I. -I"$build" -DISA_MOST=$level -c -o "$dir/level.o" runtime/kernels/level.c ||
        ! ${CC:-cc} -o "$dir/descent" $(find "$build/lang" "$build/runtime" "$build/stdlib" -name '*.o' \
            ! -path '*/kernels/level.o') "$build/lexer.o" "$build/grammar.o" "$build/stdlib_gd.o" "$dir/level.o" \
            $(cat "$build/link") >"$dir/log" 2>&1; then
        echo "FAIL ways: $level: $(head -n 3 "$dir/log")"
        continue
    fi
    way "$level" "$dir/descent" tests/runtime tests/stdlib tests/regress
done
