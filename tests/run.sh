#!/bin/sh
# run.sh -- everything `make test` runs, in one number.
#
# Usage: tests/run.sh BUILD_DIR          (from anywhere; JOBS=N sets how many tests run at a time)
# Order: the .gd tests, the examples, the snippets of the pages, the checks of the house rules
# (tests/tools/*.sh, each printing `ok NAME` or `FAIL NAME: why`), the C tests (executables in
# BUILD_DIR/tests). The last line is `N passed, N failed`; the exit status is 1 when anything failed.
# SPDX-License-Identifier: MIT
set -u
top=$(cd "$(dirname "$0")/.." && pwd)
build=${1:-build}
case $build in /*) ;; *) build=$(pwd)/$build ;; esac
BIN=${BIN:-$build/descent}
SHARED=${SHARED:-$top/../shared}
export BIN SHARED
jobs=${JOBS:-2}
log=$(mktemp)
trap 'rm -f "$log"' EXIT
trap 'exit 130' INT TERM
passed=0
failed=0
cd "$top" || exit 2

# Shows all of a log but its last line, `N passed, N failed`, which is added to the sum.
add_log() {
    counts=$(sed -n '$s/^\([0-9]*\) passed, \([0-9]*\) failed$/\1 \2/p' "$log")
    if [ -n "$counts" ]; then
        sed '$d' "$log"
        passed=$((passed + ${counts% *}))
        failed=$((failed + ${counts#* }))
    else
        cat "$log"
        echo "FAIL $1: it did not come to its end"
        failed=$((failed + 1))
    fi
}

run_gd() {
    name=$1
    shift
    perl tests/run.pl --jobs "$jobs" --bin "$BIN" "$@" >"$log" 2>&1
    add_log "$name"
}

run_gd tests
examples=$(find examples -maxdepth 1 -name '*.gd' | sort)
# shellcheck disable=SC2086
[ -z "$examples" ] || run_gd examples --plain $examples
pages=
for page in README.md lang/REFERENCE.md runtime/INTERNALS.md; do
    [ ! -f $page ] || pages="$pages $page"
done
# shellcheck disable=SC2086
[ -z "$pages" ] || run_gd snippets --snippets $pages

for check in tests/tools/*.sh; do
    sh "$check" "$build" >"$log" 2>&1
    status=$?
    grep -v '^ok ' "$log"
    n_ok=$(grep -c '^ok ' "$log")
    n_bad=$(grep -c '^FAIL ' "$log")
    if [ "$n_bad" -eq 0 ] && { [ "$status" -ne 0 ] || [ "$n_ok" -eq 0 ]; }; then
        echo "FAIL $check: exit status $status without a verdict"
        n_bad=1
    fi
    passed=$((passed + n_ok))
    failed=$((failed + n_bad))
done

for program in "$build"/tests/*; do
    [ -f "$program" ] && [ -x "$program" ] || continue
    case $program in *.o | *.d | *.so | *.a) continue ;; esac
    if timeout 300 "$program" >"$log" 2>&1; then
        passed=$((passed + 1))
    else
        echo "FAIL $(basename "$program"): exit status $?"
        sed 's/^/    /' "$log" | tail -n 30
        failed=$((failed + 1))
    fi
done

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
