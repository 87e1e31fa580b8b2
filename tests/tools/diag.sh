#!/bin/sh
# diag.sh -- every diagnostic of runtime/diag.def is produced by some test: `expect error: E0211` in a
# .gd file, or `covers: E0505` in a check of this folder. Exceptions stand below, each with its reason.
# SPDX-License-Identifier: MIT
cd "$(dirname "$0")/../.." || exit 2
except=$(sed 's/ .*//' <<'LIST'
E0601 native blocks are not in yet
E0901 a fault of our own: a test that shows one is a bug to fix
E0303 every operation has a reverse rule; forward rules come later
LIST
)
missing=
for code in $(sed -n 's/^DIAG(\([0-9]*\),.*/E\1/p' runtime/diag.def); do
    case " $(echo $except) " in *" $code "*) continue ;; esac
    grep -rqE "expect error( in [^ ]*)?: $code\b" tests --include='*.gd' ||
        grep -qE "covers:.*$code\b" tests/tools/*.sh || missing="$missing $code"
done
if [ -z "$missing" ]; then
    echo "ok diag: every diagnostic has a test"
else
    echo "FAIL diag: no test expects$missing"
fi
