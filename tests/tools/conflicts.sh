#!/bin/sh
# conflicts.sh -- the grammar has no conflict: Lemon exits non-zero and says so when it has one.
# SPDX-License-Identifier: MIT
cd "$(dirname "$0")/../.." || exit 2
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
template=
[ ! -f lang/lempar.c ] || template="-Tlang/lempar.c"
# shellcheck disable=SC2086
if said=$(${LEMON:-lemon} -q -d"$out" $template lang/grammar.y 2>&1); then
    case $said in
    *conflict*) echo "FAIL conflicts: $(echo "$said" | tail -n 3 | tr '\n' ' ')" ;;
    *) echo "ok conflicts: the grammar has none" ;;
    esac
else
    echo "FAIL conflicts: $(echo "$said" | tail -n 3 | tr '\n' ' ')"
fi
