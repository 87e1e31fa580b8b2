#!/bin/sh
# layers.sh -- includes keep the layers apart: runtime/ names neither lang/ nor stdlib/, stdlib/ names
# no lang/, and no .c is included (kernel templates are .inc). lang/api.c and lang/ may include all.
# SPDX-License-Identifier: MIT
cd "$(dirname "$0")/../.." || exit 2
verdict() {
    if [ -z "$2" ]; then echo "ok $1"; else echo "FAIL $1: $(echo "$2" | tr '\n' ' ')"; fi
}
includes() {
    grep -rnE "^[[:space:]]*#[[:space:]]*include[[:space:]]*\"$2" --include='*.[ch]' --include='*.inc' \
        --include='*.def' "$1" 2>/dev/null
}
verdict "layers: runtime includes nothing of lang/ or stdlib/" "$(includes runtime '(\.\./)*(lang|stdlib)/')"
verdict "layers: stdlib includes nothing of lang/" "$(includes stdlib '(\.\./)*lang/')"
verdict "layers: includes are written from the root" \
    "$(grep -rnE '^[[:space:]]*#[[:space:]]*include[[:space:]]*"\.\.?/' --include='*.[ch]' --include='*.inc' runtime stdlib lang 2>/dev/null)"
