#!/bin/sh
# manual_names.sh -- every built-in and every visible operation stands in lang/REFERENCE.md.
# SPDX-License-Identifier: MIT
set -u
cd "$(dirname "$0")/../.." || exit 2

# Built-ins of modules (data_csv behind data.csv) are described as their modules' functions.
names() {
    sed -n 's/^BUILTIN(\([A-Za-z0-9_]*\),.*/\1/p' stdlib/*.c | grep -v '^data_\|^_'
    # OP(name, ...) runs to the line that closes it; OPF_HIDDEN ones have no name in the language.
    awk '/^OP\(/ { entry = "" } { entry = entry $0 }
         /\)$/ && entry ~ /^OP\(/ {
             if (entry !~ /OPF_HIDDEN/) { sub(/^OP\(/, "", entry); sub(/,.*/, "", entry); print entry }
             entry = "" }' runtime/ops/*.c
}

missing=
for name in $(names | sort -u); do
    grep -q "[\` ]$name[\`( ]" lang/REFERENCE.md || grep -q "^$name[ (\`]\|[\` ]$name\$" lang/REFERENCE.md ||
        missing="$missing $name"
done
if [ -z "$missing" ]; then
    echo "ok manual_names"
else
    echo "FAIL manual_names: not in lang/REFERENCE.md:$missing"
fi
