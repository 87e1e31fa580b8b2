#!/bin/sh
# minimal.sh -- MINIMAL=1, without oneDNN, line editing and images: the three files that know the difference are compiled that way
# and linked with the rest of the build; products, convolutions and what is made of them must give what they give else.
#
# Usage: tests/tools/minimal.sh BUILD_DIR
# SPDX-License-Identifier: MIT
build=${1:-build}
[ -z "${MINIMAL-}${SAN-}" ] || { echo 'ok minimal (left out: this is another build)'; exit; }
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
flags="-std=gnu11 -O2 -I. -I$build -D_GNU_SOURCE -DDSC_VERSION=\"0\" -DNO_DNNL -DNO_EDIT -DNO_IMAGE"
if ! { for f in runtime/ops/onednn.c lang/repl.c stdlib/image.c; do
        # shellcheck disable=SC2086
        ${CC:-cc} $flags -c -o "$dir/$(basename "$f" .c).o" "$f" || exit 1
    done
    # shellcheck disable=SC2046
    ${CC:-cc} -o "$dir/descent" $(find "$build/lang" "$build/runtime" "$build/stdlib" -name '*.o' \
        ! -name onednn.o ! -name repl.o ! -name image.o) "$build/lexer.o" "$build/grammar.o" "$build/stdlib_gd.o" "$dir/onednn.o" \
        "$dir/repl.o" "$dir/image.o" -lutf8proc -ljansson -lz -ldl -lpthread -lm; } >"$dir/log" 2>&1; then
    echo "FAIL minimal: $(head -n 3 "$dir/log")"
    exit
fi
case $(ldd "$dir/descent") in *libedit* | *libdnnl* | *libpng* | *libjpeg*) echo "FAIL minimal: it is linked with what it leaves out" && exit ;; esac
counts=$(perl tests/run.pl --jobs 2 --bin "$dir/descent" tests/runtime/ops/linalg tests/runtime/ops/signal tests/stdlib/nn \
    2>"$dir/err" | tail -n 1)
big=$("$dir/descent" -e 'use f32; seed(1); let a = normal(512, 2048); let b = normal(2048, 2048)
var worst = 0; for i in 0..3 { worst = max(worst, max(abs((a @ b)[i] - sum(a[i, :, new] * b, axis: 0)))) }
print(worst < 1e-3)' 2>&1)
image=$("$dir/descent" -e 'try { save("x.png", zeros(2, 2)) } catch e { print(e.code) }' 2>&1)
if [ "${counts#* passed, }" = '0 failed' ] && [ "$big" = true ] && [ "$image" = E0402 ]; then echo 'ok minimal'; else echo "FAIL minimal: $counts; $big; $image"; fi
