#!/bin/sh
# symbols.sh -- only dsc_ names escape from the library (BUILD_DIR/libdescent.a or .so, when built).
# SPDX-License-Identifier: MIT
build=${1:-build}
seen=
for lib in "$build"/libdescent.a "$build"/libdescent.so; do
    [ -f "$lib" ] || continue
    seen=yes
    case $lib in
    *.so) names=$(nm -D --defined-only "$lib") ;;
    *) names=$(nm -g --defined-only "$lib") ;;
    esac
    others=$(echo "$names" | awk 'NF == 3 && $3 !~ /^dsc_/ && $3 !~ /^_(init|fini|edata|end|_bss_start)$/ { print $3 }')
    if [ -z "$others" ]; then
        echo "ok symbols: $(basename "$lib") lets only dsc_ out"
    else
        echo "FAIL symbols: $(basename "$lib") lets out $(echo "$others" | head -n 5 | tr '\n' ' ')"
    fi
done
[ -n "$seen" ] || echo "ok symbols: the library is not built"
