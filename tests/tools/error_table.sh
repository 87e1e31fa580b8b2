#!/bin/sh
# error_table.sh -- the manual's table of errors agrees with runtime/diag.def.
# With --write it puts a fresh table into lang/REFERENCE.md, between the two marks.
# SPDX-License-Identifier: MIT
set -u
cd "$(dirname "$0")/../.." || exit 2
page=lang/REFERENCE.md

# DIAG(0213, SHAPE, 1, "title", "explanation")
table() {
    echo '| code | what | why, and what to do |'
    echo '| --- | --- | --- |'
    sed -n 's/^DIAG(\([0-9]*\), [A-Z0-9_]*, [0-9]*, "\([^"]*\)", "\(.*\)")$/E\1\t\2\t\3/p' \
        runtime/diag.def | sed 's/\\"/"/g; s/|/\\|/g' |
        awk -F '\t' '{ print "| " $1 " | " $2 " | " $3 " |" }'
}

page_table() { sed -n '/^<!-- errors:/,/^<!-- end of errors/p' "$page" | grep '^|'; }

if [ "${1-}" = --write ]; then
    table >"$page.table"
    awk -v table="$page.table" '
        /^<!-- end of errors/ { within = 0 }
        !within { print }
        /^<!-- errors:/ { within = 1; while ((getline line < table) > 0) print line }' \
        "$page" >"$page.new" && mv "$page.new" "$page"
    rm -f "$page.table"
elif [ "$(table)" = "$(page_table)" ]; then
    echo "ok error_table"
else
    echo "FAIL error_table: $page differs from runtime/diag.def (tests/tools/error_table.sh --write)"
fi
