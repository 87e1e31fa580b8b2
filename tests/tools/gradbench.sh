#!/bin/sh
# gradbench.sh -- examples/gradbench/tool.gd over a pair of pipes: questions and answers in turn, the values of every
# evaluation against tests/data/gradbench.txt (see gradbench.py there), and what must not end the conversation.
#
# Numbers agree within 1e-9 of the larger, or within 1e-13; everything else exactly.
# SPDX-License-Identifier: MIT
build=${1:-build}
bin=${BIN:-$build/descent}
case $bin in /*) ;; *) bin=$(pwd)/$bin ;; esac
here=$(cd "$(dirname "$0")/.." && pwd)
if [ ! -x "$bin" ]; then
    echo "FAIL gradbench: no command at $bin"
    exit 1
fi
exec perl - "$bin" "$here/../examples/gradbench/tool.gd" "$here/data/gradbench.txt" <<'PERL'
use strict;
use warnings;
use IPC::Open2;
my ($bin, $tool, $data) = @ARGV;
$| = 1;
$SIG{PIPE} = 'IGNORE';
$SIG{ALRM} = sub { print "FAIL gradbench: no answer for 120 s\n"; exit 1 };
my $pid = open2(my $out, my $in, $bin, $tool);
$in->autoflush(1);

sub ask {    # one line each way: an answer that were kept back would end in the alarm
    my ($line) = @_;
    alarm 120;
    print $in "$line\n";
    my $answer = <$out>;
    alarm 0;
    if (!defined $answer) { print "FAIL gradbench: the tool ended at: ", substr($line, 0, 200), "\n"; exit 1 }
    chomp $answer;
    $answer;
}

sub verdict {
    my ($name, $why) = @_;
    print $why eq '' ? "ok gradbench: $name\n" : "FAIL gradbench: $name: $why\n";
}

# Tokens: numbers, and the text between them without spaces.
sub tokens { my $s = shift; $s =~ s/\s//g; $s =~ /(-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?|[^-\d]+|-)/g }

sub differ {
    my ($got, $want) = @_;
    my @g = tokens($got);
    my @w = tokens($want);
    return 'got ' . substr($got, 0, 300) if @g != @w;
    for my $i (0 .. $#g) {
        if ($w[$i] =~ /^-?\d/ && $g[$i] =~ /^-?\d/) {
            my ($a, $b) = ($g[$i], $w[$i]);
            my $size = abs($a) > abs($b) ? abs($a) : abs($b);
            return "got $a, not $b" unless abs($a - $b) <= 1e-9 * $size || abs($a - $b) <= 1e-13;
        } elsif ($g[$i] ne $w[$i]) {
            return "got $g[$i], not $w[$i]";
        }
    }
    '';
}

verdict('start', differ(ask('{"id": 0, "kind": "start", "eval": "hello"}'), '{"id":0,"tool":"descent"}'));
verdict('define', differ(ask('{"id": 1, "kind": "define", "module": "lstm"}'), '{"id":1,"success":true}'));

my (%bad, %count, $question);
open my $f, '<', $data or die "gradbench.sh: $data: $!";
while (my $line = <$f>) {
    chomp $line;
    if ($line =~ s/^Q //) { $question = $line; next }
    $line =~ s/^A // or die "gradbench.sh: neither question nor answer: $line";
    my ($name) = $question =~ /"module": "(\w+)"/;
    my $answer = ask($question);
    my $runs = $question =~ /"min_runs": (\d+)/ ? $1 : 1;
    my $timings = $answer =~ s/,"timings":\[(.*?)\]// ? $1 : '';
    my $n = () = $timings =~ /\{"name":"evaluate","nanoseconds":\d+\}/g;
    my $why = differ($answer, $line);
    $why = "$n timings for $runs runs" if $why eq '' && $n != $runs;
    $bad{$name} ||= $why;
    $count{$name}++;
}
verdict("values of $_ ($count{$_})", $bad{$_}) for sort keys %bad;

# As long as it takes: 0.05 s of runs of a few microseconds.
my $many = ask('{"id": 1, "kind": "evaluate", "module": "lse", "function": "primal", '
    . '"input": {"x": [1, 2], "min_runs": 1, "min_seconds": 0.05}}');
my $sum = 0;
$sum += $_ for $many =~ /"nanoseconds":(\d+)/g;
verdict('min_seconds', $sum >= 0.05e9 - 1e5 && $sum < 5e9 ? '' : "the runs took $sum ns");

# A long line, and a long answer.
my $long = join ', ', map { sprintf '%.17g', $_ / 200_000 } 0 .. 199_999;
my $answer = ask('{"id": 2, "kind": "evaluate", "module": "lse", "function": "gradient", "input": {"x": [' . $long . ']}}');
my @numbers = split /,/, ($answer =~ /"output":\[(.*?)\]/ ? $1 : '');
my $total = 0;
$total += $_ for @numbers;
verdict('long lines', @numbers == 200_000 && abs($total - 1) < 1e-9 ? '' : @numbers . " numbers, sum $total");

# Bad questions are answered, and the conversation goes on.
my $e = qr/"error":"[^"]+/;
for (
    ['no JSON', 'hello', qr/^\{"id":null,"success":false,$e/],
    ['an empty line', '', qr/^\{"id":null,"success":false,$e/],
    ['cut off', '{"id": 3, "kind": "eval', qr/^\{"id":null,"success":false,$e/],
    ['no object', '[1, 2]', qr/^\{"id":null,"success":false,$e/],
    ['an id that is no number', '{"id": NaN, "kind": "start"}', qr/^\{"id":null,"success":false,$e/],
    ['no kind', '{"id": 3}', qr/^\{"id":3,"success":false,$e/],
    ['another kind', '{"id": 4, "kind": "chat"}', qr/^\{"id":4\}$/],
    ['analysis', '{"id": 4, "kind": "analysis", "of": 3, "valid": false, "error": "x"}', qr/^\{"id":4\}$/],
    ['unknown module', '{"id": 5, "kind": "define", "module": "ht"}', qr/^\{"id":5,"success":false,$e/],
    ['evaluating an unknown module', '{"id": 5, "kind": "evaluate", "module": "ht", "function": "f", "input": 1}',
        qr/^\{"id":5,"success":false,$e/],
    ['unknown function', '{"id": 5, "kind": "evaluate", "module": "det", "function": "f", "input": 1}',
        qr/^\{"id":5,"success":false,$e/],
    ['no input', '{"id": 5, "kind": "evaluate", "module": "det", "function": "primal"}',
        qr/^\{"id":5,"success":false,$e/],
    ['a string for a number', '{"id": 6, "kind": "evaluate", "module": "hello", "function": "double", "input": "2"}',
        qr/^\{"id":6,"success":false,$e/],
    ['numbers missing', '{"id": 6, "kind": "evaluate", "module": "det", "function": "gradient", '
        . '"input": {"A": [1, 2, 3], "ell": 2}}', qr/^\{"id":6,"success":false,$e/],
    ['NaN as a result', '{"id": 7, "kind": "evaluate", "module": "lse", "function": "gradient", "input": {"x": [NaN, 1]}}',
        qr/^\{"id":7,"success":false,$e/],
    ['no runs', '{"id": 7, "kind": "evaluate", "module": "llsq", "function": "primal", '
        . '"input": {"x": [1, 2], "n": 2, "min_runs": 0}}',
        qr/^\{"id":7,"success":true,"output":2,"timings":\[\{"name"/],
    ['one dimension', '{"id": 7, "kind": "evaluate", "module": "gmm", "function": "jacobian", "input": {"d": 1, '
        . '"k": 2, "n": 2, "x": [[1], [2]], "m": 0, "gamma": 1, "alpha": [0, 0], "mu": [[0], [0]], "q": [[0], [0]], '
        . '"l": [[], []]}}',
        qr/"output":\{"alpha":\[0,0\],"mu":\[\[1\.5\],\[1\.5\]\],"q":\[\[-2\.5\],\[-2\.5\]\],"l":\[\[\],\[\]\]\},/],
    ['after all that', '{"id": 8, "kind": "evaluate", "module": "hello", "function": "double", "input": 4}',
        qr/^\{"id":8,"success":true,"output":8,/],
) {
    my ($name, $line, $want) = @$_;
    my $got = ask($line);
    verdict($name, $got =~ $want ? '' : "got $got");
}
close $in;
alarm 20;
my $rest = <$out>;
waitpid $pid, 0;
verdict('end of input', !defined $rest && $? == 0 ? '' : "exit status $?");
PERL
