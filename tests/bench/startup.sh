#!/bin/sh
# startup.sh -- start and exit of `descent -e 1` beside `lua5.4 -e ""`: median of 21, peak memory.
# Usage: tests/bench/startup.sh BUILD_DIR      (run.sh calls it; BUILD_DIR/bench/pair must exist)
# SPDX-License-Identifier: MIT
set -u
build=$1
if command -v lua5.4 >/dev/null; then
    "$build/bench/pair" 21 descent "$build/descent" -e 1 -- lua5.4 lua5.4 -e ''
else
    "$build/bench/pair" 21 descent "$build/descent" -e 1
fi | awk '
    $1 == "ratio" { printf "startup               ratio %.2f\n", $2; next }
    $1 == "apart" { next }
    { printf "startup               %-8s %8.2f ms (best %.2f), %.1f MB resident\n", $1, $2, $3, $4 }'
