#!/bin/sh
# install.sh -- what `make install` lays down is enough for a host: header, archive and descent.pc build a program that
# runs a script, and `make uninstall` leaves nothing.
# SPDX-License-Identifier: MIT
build=${1:-build}
case $build in /*) ;; *) build=$(pwd)/$build ;; esac
cd "$(dirname "$0")/../.." || exit 2
if [ ! -f "$build/libdescent.a" ]; then
    echo "ok install (left out: the library is not built)"
    exit 0
fi
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
# the build folder is complete, so the kind of build and the options of an outer make are of no concern
target() { env -u SAN -u DEBUG -u MINIMAL -u MAKEFLAGS -u MAKELEVEL make -s "$1" B="$build" DESTDIR="$dir" PREFIX=/usr; }

cat >"$dir/host.c" <<'C'
#include <descent.h>
#include <string.h>
int main(void)
{
    const char *text = "print(grad(x -> x^3)(2))\n";
    DscConfig config = {.size = sizeof config};
    DscState *S = dsc_open(&config);
    int status = S ? dsc_run_text(S, "host", text, strlen(text), 0) : 9;
    return dsc_close(S) ? 8 : status;
}
C
if ! said=$(target install-files 2>&1); then
    echo "FAIL install: $(echo "$said" | tail -n 3 | tr '\n' ' ')"
    exit 1
fi
if command -v pkg-config >/dev/null 2>&1; then
    flags=$(PKG_CONFIG_PATH=$dir/usr/lib/pkgconfig PKG_CONFIG_SYSROOT_DIR=$dir pkg-config --cflags --libs descent)
else
    flags="-I$dir/usr/include -L$dir/usr/lib -ldescent $(sed -n 's/^Libs:.*-ldescent//p' "$dir/usr/lib/pkgconfig/descent.pc")"
fi
# shellcheck disable=SC2086
if ! said=$(${CC:-cc} ${SAN:+-fsanitize=$SAN} -o "$dir/host" "$dir/host.c" $flags 2>&1); then
    echo "FAIL install: a host does not build: $(echo "$said" | tail -n 3 | tr '\n' ' ')"
elif [ "$("$dir/host")" != 12 ]; then
    echo "FAIL install: a host printed '$("$dir/host" 2>&1 | head -n 2 | tr '\n' '|')', expected 12"
elif [ "$("$dir/usr/bin/descent" -e '3 + 4' 2>&1)" != 7 ]; then
    echo "FAIL install: the installed command does not run"
else
    echo "ok install: a host builds and runs"
fi
target uninstall
left=$(find "$dir/usr" -type f)
if [ -z "$left" ]; then echo "ok install: uninstall leaves nothing"; else echo "FAIL install: uninstall leaves $left"; fi
