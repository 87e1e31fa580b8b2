#!/bin/sh
# ops.sh -- every operation of the table has a value test: each NAME of a line `OP(NAME,` in
# runtime/ops/*.c occurs as a word in a file under tests/runtime/ops/ (the call itself, the file's name, or
# a comment `# op: NAME` where the language writes it with a sign).
# SPDX-License-Identifier: MIT
cd "$(dirname "$0")/../.." || exit 2
names=$(sed -n 's/^OP(\([a-z0-9_]*\),.*/\1/p' runtime/ops/*.c | LC_ALL=C sort -u)
if [ -z "$names" ]; then
    echo "FAIL ops: no line begins with OP( in runtime/ops/*.c"
    exit
fi
missing=
for name in $names; do
    find tests/runtime/ops -name "$name.gd" | grep -q . ||
        grep -rqwE --include='*.gd' "$name" tests/runtime/ops || missing="$missing $name"
done
if [ -z "$missing" ]; then
    echo "ok ops: each of the $(echo "$names" | wc -l) operations has a value test"
else
    echo "FAIL ops: no value test under tests/runtime/ops names:$missing"
fi
