#!/bin/sh
# noexit.sh -- the library neither exits nor prints: failures are values of the state, and what a
# script prints goes through the state's writer. (assert is for our own mistakes and is allowed.)
# SPDX-License-Identifier: MIT
cd "$(dirname "$0")/../.." || exit 2
found=$(find runtime stdlib \( -name '*.[ch]' -o -name '*.inc' \) 2>/dev/null | sort |
    xargs perl -ne '
        BEGIN { $/ = undef }
        my $file = $ARGV;
        s{(/\*.*?\*/)|(//[^\n]*)|("(?:\\.|[^"\\\n])*")}{my $t = $&; $t =~ tr/\n//cd; $t}gse;
        my $n = 0;
        for my $line (split /\n/) {
            $n++;
            print "$file:$n " if $line =~ /(?<![\w.>])(exit|_exit|_Exit|quick_exit|abort|printf|vprintf|puts|putchar)\s*\(/
                || $line =~ /\bf(?:printf|puts|write|putc)\s*\([^;]*\b(?:stdout|stderr)\b/;
        }')
if [ -z "$found" ]; then echo "ok noexit: the library neither exits nor prints"; else echo "FAIL noexit: $found"; fi
