#!/usr/bin/perl
# batch_programs.pl -- random bodies of comprehensions and vmap, all items at once against one by one.
#
# Usage: tests/tools/batch_programs.pl [--bin PATH] [--seed N] [--files N] [--bodies N] [--keep DIR] [--names FILE]
# With --names (builtin_list.h of a build) first every built-in is called on items of many kinds, where it shows what a
# number of an item is taken for. Then each file has a number of bodies made of arithmetic, indexing, conditions and
# loops that differ from item to item, arrays written by element, nested comprehensions, calls, lists and derivatives
# inside. What each gives, its gradient, a directional derivative and a second derivative must agree with and without
# --batch=off (to 1e-8 relative: sums may be added in another order). A failure names its seed; --seed N --files 1
# repeats it.
# SPDX-License-Identifier: MIT
use strict;
use warnings;
use File::Temp qw(tempdir);
use Getopt::Long;

my ($bin, $seed, $files, $bodies, $keep, $list) = ($ENV{BIN} || 'build/descent', 1, 20, 10, undef, undef);
GetOptions('bin=s' => \$bin, 'seed=i' => \$seed, 'files=i' => \$files, 'bodies=i' => \$bodies, 'keep=s' => \$keep,
    'names=s' => \$list)
    or die "usage: $0 [--bin PATH] [--seed N] [--files N] [--bodies N] [--keep DIR] [--names FILE]\n";
my $dir = $keep // tempdir(CLEANUP => 1);

my ($state, @num, @vec, $names, $grads);
sub roll { $state = ($state * 1103515245 + 12345) % 2147483648; int($state / 65536) % $_[0] }
sub pick { $_[roll(scalar @_)] }
sub fresh { $_[0] . ++$names }
sub lit { sprintf('%.2f', (roll(400) - 200) / 100) }
sub within { # a piece of program in which more names are known
    my ($n, $v, $make) = @_;
    push @num, @$n;
    push @vec, @$v;
    my $text = $make->();
    splice(@num, @num - @$n) if @$n;
    splice(@vec, @vec - @$v) if @$v;
    return $text;
}

sub N {
    my $d = $_[0] - 1;
    return pick(@num, @num, 'w[' . roll(4) . ']', 'w[' . roll(4) . ']', lit()) if $d <= 0;
    my $k = roll(30);
    return pick('sin', 'cos', 'tanh', 'atan', 'abs') . '(' . N($d) . ')' if $k < 4;
    return 'sqrt(abs(' . N($d) . ') + 0.1)' if $k == 4;
    return '(' . N($d) . pick(' + ', ' - ', ' * ') . N($d) . ')' if $k < 10;
    return '(' . N($d) . ' / (1.5 + abs(' . N($d) . ')))' if $k == 10;
    return pick('max', 'min') . '(' . N($d) . ', ' . N($d) . ')' if $k == 11;
    return 'tanh(' . N($d) . ')^' . pick(2, 3) if $k == 12;
    return '(if ' . B($d) . ' { ' . N($d) . ' } else { ' . N($d) . ' })' if $k == 13 || $k == 14;
    return pick('sum', 'mean', 'max', 'min', 'norm', 'logsumexp') . '(' . V($d) . ')' if $k == 15;
    return 'dot(' . V($d) . ', ' . V($d) . ')' if $k == 16;
    return V($d) . '[' . roll(3) . ']' if $k == 17;
    return 'mix(' . N($d) . ', ' . N($d) . ')' if $k == 18;
    return 'bend(' . V($d) . ', ' . N($d) . ')' if $k == 19;
    return 'halve(' . N($d) . ')' if $k == 20;
    return '(' . N($d) . ', ' . N($d) . ')[' . roll(2) . ']' if $k == 21;
    return '(a: ' . N($d) . ', b: ' . V($d) . ').' . pick('a', 'b[1]') if $k == 22;
    if ($k == 23) {
        my ($i, $n) = (fresh('k'), pick(3, 3, 35));
        return pick('sum', 'mean', 'max') . '(' . within([$i], [], sub { N($d > 2 ? 2 : $d) }) . " * 0.1 for $i in 0..$n)";
    }
    if ($k == 24) {
        my ($s, $i) = (fresh('s'), fresh('k'));
        my $text = "{ var $s = " . N($d) . "; for $i in 0..3 { $s = $s * 0.5 + tanh(";
        return $text . within([$s, $i], [], sub { N($d) }) . ") }; $s }";
    }
    if ($k == 25) {
        my ($s, $c) = (fresh('s'), fresh('c'));
        return "{ var $s = abs(" . N($d) . "); var $c = 0; while $s > 0.5 and $c < 3 { $s = $s * 0.6 + 0.01 * "
            . within([$s, $c], [], sub { N($d) }) . "; $c += 1 }; $s + $c }";
    }
    if ($k == 26) {
        my $a = fresh('a');
        my $text = "{ var $a = zeros(3); ${a}[0] = " . N($d) . "; ${a}[1] = " . N($d) . '; ';
        return $text . within([], [$a], sub { "${a}[2] += " . N($d) . '; ' . "sum($a * " . V($d) . ')' }) . ' }';
    }
    if ($k == 27) {
        my $f = fresh('t');
        return "{ let $f = " . N($d) . '; ' . within([$f], [], sub { N($d) }) . ' }';
    }
    if ($grads > 0 && $k == 28) {
        my $u = fresh('u');
        $grads--;
        my $text = 'tanh(' . pick('grad', "derived") . "($u -> " . within([$u], [], sub { N($d) }) . ')(' . N($d) . '))';
        $grads++;
        return $text;
    }
    if ($grads > 0) {
        my $u = fresh('u');
        $grads--;
        my $text = "tanh(sum(grad($u -> " . within([], [$u], sub { N($d) }) . ')(' . V($d) . ')))';
        $grads++;
        return $text;
    }
    return N($d);
}

sub V {
    my $d = $_[0] - 1;
    return pick(@vec, 'w[:3]', '[' . lit() . ', ' . lit() . ', 1]') if $d <= 0;
    my $k = roll(19);
    return '[' . N($d) . ', ' . N($d) . ', ' . N($d) . ']' if $k < 2;
    return '(' . V($d) . pick(' + ', ' - ', ' * ') . V($d) . ')' if $k < 5;
    return '(' . N($d) . pick(' + ', ' * ') . V($d) . ')' if $k < 7;
    return pick('sin', 'tanh', 'abs', 'flip', 'cumsum', 'sort', 'softmax') . '(' . V($d) . ')' if $k < 9;
    return "where(" . V($d) . ' > ' . N($d) . ', ' . V($d) . ', ' . V($d) . ')' if $k == 9;
    return pick('(' . V($d) . ' @ M)', '(M @ ' . V($d) . ')') if $k == 10;
    return V($d) . pick('[::-1]', '[[2, 0, 1]]') if $k == 11;
    return '(if ' . B($d) . ' { ' . V($d) . ' } else { ' . V($d) . ' })' if $k == 12;
    return 'X[at[' . roll(40) . ']]' if $k == 13;
    if ($k == 14) {
        my $i = fresh('k');
        return '[' . within([$i], [], sub { N($d) }) . " for $i in 0..3]";
    }
    if ($k == 15) {
        my $i = fresh('e');
        return "vmap($i -> " . within([$i], [], sub { N($d) }) . ')(' . V($d) . ')';
    }
    if ($k == 16) {
        my $a = fresh('a');
        my $text = "{ var $a = " . V($d) . "; ${a}[1] = " . N($d) . '; ';
        return $text . within([], [$a], sub { "${a}[0:2] = ${a}[1:] * " . N($d) . "; $a" }) . ' }';
    }
    if ($k == 17 && $grads > 0) {
        my $u = fresh('u');
        $grads--;
        my $text = "tanh(jvp($u -> " . within([], [$u], sub { V($d) }) . ', ' . V($d) . ', ' . V($d) . ')[1])';
        $grads++;
        return $text;
    }
    return "concat((" . V($d) . '[:1], ' . V($d) . '[1:]))';
}

sub B {
    my $d = $_[0] - 1;
    my $k = $d <= 0 ? 0 : roll(6);
    return N($d) . pick(' > ', ' < ', ' <= ') . '0.97319 * ' . N($d) . ' + 0.01713' if $k < 3; # no ties
    return '(' . B($d) . pick(' and ', ' or ') . B($d) . ')' if $k == 3;
    return '(not (' . B($d) . '))' if $k == 4;
    return pick('any', 'all') . '(' . V($d) . ' > 0.97319 * ' . N($d) . ' + 0.01713)';
}

sub file_text {
    ($names, $grads, @num, @vec) = (0, 1);
    my $text = <<'HEAD';
let n = 40
let x = [sin(1.7 * i) * 1.3 for i in 0..n]
let X = [[cos(1.13 * i + 2 * j) for j in 0..3] for i in 0..n]
let at = [(7 * i + 3) % n for i in 0..n]
let C = [0.5 + ((i * 13) % 7) / 7 for i in 0..n]
let M = [[0.3, -0.2, 0.5], [0.1, 0.7, -0.4], [-0.6, 0.2, 0.1]]
let w0 = [0.41373, -0.70719, 1.11237, 0.30171]
fn mix(a, b) = if a > b { a * b } else { a - b^2 }
fn bend(v, s) { var r = zeros(3); for k in 0..3 { r[k] = v[k] * s + k }; sum(tanh(r)) }
fn halve(a) { var s = a; var steps = 0; while abs(s) > 0.4 { s = s / 2; steps += 1 }; s + steps / 10 }
fn derived(f) = u -> jvp(f, u, 1)[1]
fn look(name, f) {
  try { print(name, f(w0)) } catch e { print(name, e.code) }
  try { let g = grad(f)(w0); print(name, "g", (g[0], g[1], g[2], g[3])) } catch e { print(name, "g", e.code) }
  try { print(name, "j", jvp(f, w0, [1, -0.5, 0.25, 2])[1]) } catch e { print(name, "j", e.code) }
  try { let h = grad(u -> dot(grad(f)(u), [1, -0.5, 0.25, 2]))(w0); print(name, "h", (h[0], h[1], h[2], h[3])) } catch e { print(name, "h", e.code) }
}
HEAD
    for my $b (1 .. $bodies) {
        my $kind = roll(7);
        my $depth = 4 + roll(5);
        my $body;
        if ($kind < 3) {
            my @n = ('x[i]', 'X[i, 1]', 'x[n - 1 - i]', 'x[at[i]]', '(i / 20)');
            if ($kind == 0) { $body = 'sum([' . within(\@n, ['X[i]'], sub { N($depth) }) . ' for i in 0..n] * C)' }
            elsif ($kind == 1) {
                $body = pick('sum', 'mean', 'max', 'logsumexp') . '(' . within(\@n, ['X[i]'], sub { N($depth) }) . ' for i in 0..n)';
            }
            else { $body = 'sum(C @ [' . within(\@n, ['X[i]'], sub { V($depth) }) . ' for i in 0..n])' }
        }
        elsif ($kind == 3) { $body = 'sum(C * [' . within(['r[0]', 'r[2]'], ['r'], sub { N($depth) }) . ' for r in X])' }
        elsif ($kind == 4) { $body = 'dot(C, vmap(r -> ' . within(['r[0]', 'r[2]'], ['r'], sub { N($depth) }) . ')(X))' }
        elsif ($kind == 5) {
            $body = 'sum(C @ vmap((r, e) -> ' . within(['r[1]', 'e'], ['r'], sub { V($depth) }) . ')(X, x))';
        }
        else { $body = 'sum([' . within(['x[i]', 'x[j]', '(i - j) / 9'], ['X[i]', 'X[j]'], sub { N(3) }) . ' for i in 0..n, j in 0..5])' }
        $text .= "look(\"b$b\", w -> $body)\n";
    }
    return $text;
}

sub builtins_text {
    my %items = (num => '[1.5, -2, 0.25]', pos => '[1, 2, 3]', bool => '[true, false, true]', ipos => '[1, 2, 0] as i64',
        row => '[[1.5, -2, 0.25], [0, 1, 2], [3, -1, 4]]', irow => '[[2, 0, 1], [1, 1, 0], [0, 2, 2]] as i64',
        brow => '[[true, false, true], [false, true, true], [true, true, true]]', f32 => '[1.5, -2, 0.25] as f32',
        mat => '[[[2, 1, 0], [1, 3, 1], [0, 1, 4]], [[5, 1, 2], [1, 3, 1], [2, 1, 4]]]');
    my @forms = ('x', 'x, 2', '2, x', 'x, x', 'x, [1.5, 2, 4]', '[1.5, 2, 4], x', 'x, 1, 2', '(x, 1)', 'x, axis: 0', 'x, true',
        'v -> v * 2, x', 'x, v -> v * 2', '(a, b) -> a + b, x, x', '[[1, 2, 3], [4, 5, 6], [7, 8, 10]], x');
    my %not = map { $_ => 1 } qw(input save load print time here args read_csv lines data_csv fixed_point check_grad);
    open(my $h, '<', $list) or die "$list: $!\n";
    my @names = grep { !/^_/ && !$not{$_} } map { /\((\w+)\)/ ? $1 : () } <$h>;
    my $text = join('', map {"let X_$_ = $items{$_}\n"} sort keys %items);
    $text .= 'fn show(k, v) = try { print(k, type(v), v); if type(v) == "tensor" { print(v.shape, v.dtype) } } '
        . "catch e { print(k) }\n";
    for my $name (@names) {
        $text .= "fn test_$name() {\n";
        for my $form (@forms) {
            for my $x (sort keys %items) {
                my $k = "$name($form) $x";
                $text .= "seed(7)\ntry { show(\"$k\", vmap(x -> $name($form))(X_$x)) } catch e { print(\"$k\", e.code) }\n";
            }
        }
        $text .= "}\ntest_$name()\n";
    }
    return $text;
}

sub run_it {
    my ($file, @options) = @_;
    my $pid = open(my $h, '-|') // die "fork: $!\n";
    if (!$pid) {
        open(STDERR, '>&', \*STDOUT);
        exec($bin, @options, $file) or die "$bin: $!\n";
    }
    my @lines = <$h>;
    close $h;
    return ($?, @lines);
}

sub differ {
    my ($p, $q) = @_;
    my $number = qr/[-+]?(?:\d+\.?\d*(?:e[-+]?\d+)?|inf\b|nan\b)/;
    my @p = split /($number)/, $p;
    my @q = split /($number)/, $q;
    return 1 if @p != @q;
    my $size = 1;
    for (@q) { $size = abs($_) if /^$number$/ && /\d/ && abs($_) > $size }
    for my $i (0 .. $#p) {
        next if $p[$i] eq $q[$i];
        return 1 if $p[$i] !~ /^$number$/ || $q[$i] !~ /^$number$/ || $p[$i] =~ /[a-df-z]/ || $q[$i] =~ /[a-df-z]/;
        return 1 if abs($p[$i] - $q[$i]) > 1e-8 * $size;
    }
    return 0;
}

my ($passed, $failed) = (0, 0);

sub compare {
    my ($what, $name, $text) = @_;
    my $file = "$dir/batch_$name.gd";
    open(my $h, '>', $file) or die "$file: $!\n";
    print $h $text;
    close $h;
    my ($s1, @on) = run_it($file);
    my ($s0, @off) = run_it($file, '--batch=off');
    my $wrong = '';
    for my $i (0 .. $#on) {
        last if $wrong || $i > $#off;
        $wrong = "line " . ($i + 1) . ":\n  at once  $on[$i]  by item  $off[$i]" if differ($on[$i], $off[$i]);
    }
    $wrong ||= "exit status $s1, $s0: $on[-1]" if $s1 != $s0 || $s1;
    $wrong ||= 'number of lines' if @on != @off;
    if ($wrong) { $failed++; print "FAIL $what: $wrong\n"; }
    else { $passed++; }
}

compare('built-ins', 'names', builtins_text()) if $list;
for my $k ($seed .. $seed + $files - 1) {
    $state = ($k * 2654435761) % 2147483648;
    roll(2) for 1 .. 10;
    compare("seed $k", $k, file_text());
}
print "$passed passed, $failed failed\n";
exit($failed != 0);
