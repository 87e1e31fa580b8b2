#!/bin/sh
# diag.sh -- every diagnostic of runtime/diag.def is shown in full by a golden test, tests/errors/golden/E0211_*.gd
# with the text of stderr beside it. Exceptions stand below, each with its reason and where else it is tested.
# SPDX-License-Identifier: MIT
cd "$(dirname "$0")/../.." || exit 2
except=$(sed 's/ .*//' <<'LIST'
E0406 a run is resumed from a file of an earlier one: tests/tools/resume.sh
E0505 an interrupt comes from outside: tests/tools/cli.sh and repl.sh send Ctrl-C
E0901 a fault of our own: a test that shows one is a bug to fix
LIST
)
missing=
for code in $(sed -n 's/^DIAG(\([0-9]*\),.*/E\1/p' runtime/diag.def); do
    case " $(echo $except) " in *" $code "*) continue ;; esac
    cat tests/errors/golden/"$code"_*.stderr 2>/dev/null | grep -q "^error $code: " || missing="$missing $code"
done
if [ -z "$missing" ]; then
    echo "ok diag: every diagnostic has a golden test"
else
    echo "FAIL diag: no golden test shows$missing"
fi
