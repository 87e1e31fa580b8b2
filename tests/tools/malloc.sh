#!/bin/sh
# malloc.sh -- only runtime/mem.c asks the system for memory; everybody else asks the state. lang/main.c and
# lang/repl.c are the command, a host like any other that sees only descent.h, and keep their own books.
# SPDX-License-Identifier: MIT
cd "$(dirname "$0")/../.." || exit 2
# strips comments and strings before looking, so that prose may name the functions
found=$(find runtime lang stdlib \( -name '*.[chy]' -o -name '*.re' -o -name '*.inc' \) ! -path runtime/mem.c \
    ! -path lang/main.c ! -path lang/repl.c | sort |
    xargs perl -ne '
        BEGIN { $/ = undef }
        my $file = $ARGV;
        s{(/\*.*?\*/)|(//[^\n]*)|("(?:\\.|[^"\\\n])*")}{my $t = $&; $t =~ tr/\n//cd; $t}gse;
        my $n = 0;
        for my $line (split /\n/) {
            $n++;
            print "$file:$n " if $line =~ /(?<![\w.>])(malloc|calloc|realloc|free|strdup|strndup|reallocarray|aligned_alloc|posix_memalign)\s*\(/;
        }')
if [ -z "$found" ]; then echo "ok malloc: only runtime/mem.c"; else echo "FAIL malloc: $found"; fi
