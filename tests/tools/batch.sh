#!/bin/sh
# batch.sh -- comprehensions and vmap, all items at once against one by one, on random bodies and on every built-in.
#
# Usage: tests/tools/batch.sh BUILD_DIR
# SPDX-License-Identifier: MIT
build=${1:-build}
here=$(dirname "$0")
said=$(perl "$here/batch_programs.pl" --bin "${BIN:-$build/descent}" --names "$build/builtin_list.h" --files 60 --bodies 8 2>&1)
case $said in
*" 0 failed") echo "ok batch" ;;
*) printf '%s\n' "$said" | head -20 | sed '1s/^/FAIL batch: /' ;;
esac
