#!/bin/sh
# interrupt.sh -- Ctrl-C and --time-limit are answered inside one long operation, not only between two: products, sorts,
# reductions, printing and files. An answer may take a second; the machine may be busy, so eight are allowed here.
# SPDX-License-Identifier: MIT
build=${1:-build}
bin=${BIN:-$build/descent}
case $bin in /*) ;; *) bin=$(pwd)/$bin ;; esac
if [ ! -x "$bin" ]; then
    echo "FAIL interrupt: no command at $bin"
    exit 1
fi
if [ -n "${SAN-}" ]; then
    echo "ok interrupt (left out: sanitizers slow the operations themselves)"
    exit 0
fi
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir" || exit 2

# stops NAME CODE: runs CODE, sends SIGINT when it has been busy for a while, and expects exit status 130 soon
stops() {
    perl -MTime::HiRes=time,sleep -e '
        my ($name, @command) = @ARGV;
        my $pid = fork;
        if (!$pid) {
            $SIG{INT} = "DEFAULT";
            open STDOUT, ">", "/dev/null";
            open STDERR, ">", "err";
            exec @command;
        }
        $SIG{ALRM} = sub { kill "KILL", $pid };
        alarm 30;
        sleep 0.7;
        my $began = time;
        kill "INT", $pid;
        waitpid $pid, 0;
        my ($status, $took) = ($? & 127 ? 128 + ($? & 127) : $? >> 8, time - $began);
        printf $status == 130 && $took < 8 ? "ok interrupt: %s\n" : "FAIL interrupt: %s: status %d after %.1f s\n",
            $name, $status, $took;' "$1" "$bin" -e "$2"
}

stops "a product" 'let a = ones(3000, 3000)
while true { a @ a }'
stops "a product of integers" 'let a = ones(2500, 2500) as i64
print(sum(a @ a @ a))'
stops "a sort" 'let a = linspace(0, 1, 4_000_000) * 1e9 % 1
while true { sort(a) }'
stops "an order" 'let a = linspace(0, 1, 4_000_000) * 1e9 % 1
while true { argsort(a) }'
stops "whole tensors" 'let a = ones(10_000_000)
while true { sum(sin(a) + a) }'
stops "printing" 'while true { print("a line") }'
stops "a table being saved" 'let a = ones(4_000_000, 8)
save("t.csv", a)
while true { nil }'

timeout 60 "$bin" --time-limit 0.3 -e 'let a = ones(2500, 2500) as i64
print(sum(a @ a @ a @ a))' >out 2>err
if [ $? -eq 1 ] && grep -q E0503 err; then
    echo "ok interrupt: the time limit holds inside an operation"
else
    echo "FAIL interrupt: the time limit holds inside an operation: $(head -n 1 err)"
fi
