#!/usr/bin/perl
# run.pl -- runs the .gd tests and compares what they do with the comments they carry.
#
# Usage: tests/run.pl [--jobs N] [--bin PATH] [--snippets] [--plain] [--accept] [PATH...]
#   PATH        files or folders; without any: lang runtime stdlib errors limits regress beside this file
#   --bin PATH  the command to test (default: $BIN, else build/descent)
#   --snippets  the PATHs are Markdown files: every ```gd block is a test of its own
#   --plain     the files need no expectations: what they print is free, but they must exit 0 (examples)
# Each test runs in an empty scratch folder of its own. Exit status 1 when anything failed; the last
# line printed is `N passed, N failed`. Nothing but perl-base is needed.
#
# What a test file says, in comments:
#   print(1 + 1)  # expect: 2              one line of stdout; they come in the order of the file and all
#   # expect: more                         of stdout must be expected
#   print(x)      # expect~ 0.333 1e-9     numbers within a relative tolerance (absolute where 0 is
#                                          expected), the text between them exactly
#   x[9]          # expect error: E0211    a diagnostic with this code at this line; `: TEXT` after the
#                                          code must stand in its message. All diagnostics must be
#                                          expected. Exit status: 2 for E00xx and E01xx, 130 for E0505,
#                                          else 1. E0213|E0214 allows either, E* any (where the
#                                          language leaves the code open)
#   # expect error in FILE:LINE: E0211     the same, in another file (its last path component)
#   # expect hint: TEXT                    stderr contains TEXT
#   # expect warning: TEXT                 stderr has a line with "warning" and TEXT
#   # exit: N                              another exit status (1|2: either)
#   # args: ...      # script-args: ...    words before and after the file's name; $SHARED is filled in
#   # command: test                        `descent test FILE`; stdout is compared only if expected
#   # stdin: TEXT                          a line of standard input (may be repeated)
#   # timeout: S                           seconds, default 20
#   # skip-san                             left out when SAN is set
#   # needs: shared                        left out when the folder $SHARED (default ../shared) is absent
#   # needs: images                        left out when MINIMAL is set
# Where NAME.stderr stands beside NAME.gd, all of stderr must equal it, with every path reduced to its
# file's name; it then says which errors are expected, and the comments need not. `run.pl --accept PATH...`
# writes these files anew (read the difference before committing).
#   # source: ...                          where the figures come from (for readers)
# Folders named lib, data, bench, fuzz, embed, hostile and tools hold no tests.
# SPDX-License-Identifier: MIT
use strict;
use warnings;
use Cwd qw(abs_path getcwd);
use File::Basename qw(dirname basename);
use File::Path qw(remove_tree);
use File::Temp qw(tempdir);
use Getopt::Long;
use POSIX qw(:sys_wait_h setpgid _exit);
use Text::ParseWords qw(shellwords);

my ($jobs, $bin, $snippets, $plain, $accept) = (2, $ENV{BIN} || 'build/descent', 0, 0, 0);
GetOptions('jobs|j=i' => \$jobs, 'bin=s' => \$bin, 'snippets' => \$snippets, 'plain' => \$plain,
    'accept' => \$accept)
    or die "usage: $0 [--jobs N] [--bin PATH] [--snippets] [--plain] [--accept] [PATH...]\n";

my $here = abs_path(dirname($0));
my $top = dirname($here);
die "run.pl: no command at $bin (build it, or say --bin PATH)\n" unless -x $bin;
$bin = abs_path($bin);
my $san = defined $ENV{SAN} && $ENV{SAN} ne '';
my $shared = $ENV{SHARED} // "$top/../shared";
$shared = abs_path($shared) || $shared;
$ENV{SHARED} = $shared;
$ENV{NO_COLOR} = 1;
delete $ENV{COLORTERM};
my $scratch = tempdir('descent-test-XXXXXX', TMPDIR => 1, CLEANUP => 1);
my $parent = $$;
$SIG{INT} = $SIG{TERM} = sub { exit 130 };

my $NUM = qr/[-+]?(?:(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?|inf|nan)/;

sub slurp {
    my ($path) = @_;
    open my $f, '<:raw', $path or return '';
    local $/;
    my $text = <$f>;
    return $text // '';
}

# ---- finding tests ----

sub collect {
    my ($path) = @_;
    return ($path) if -f $path;
    opendir my $d, $path or die "run.pl: no such file or folder: $path\n";
    my @found;
    for my $name (sort grep { !/^\./ } readdir $d) {
        if (-d "$path/$name") {
            push @found, collect("$path/$name") unless $name =~ /^(lib|data|bench|fuzz|embed|hostile|tools)$/;
        } elsif ($name =~ /\.gd$/) {
            push @found, "$path/$name";
        }
    }
    return @found;
}

# One test: { name, file, text } plus what `parse` reads from the text.
sub tests_from_markdown {
    my ($md) = @_;
    my (@tests, @block, $start);
    my $n = 0;
    for my $line (split /^/, slurp($md)) {
        $n++;
        if (defined $start) {
            if ($line =~ /^```/) {
                # leading empty lines, so that line numbers are those of the page
                my $file = sprintf '%s/%s-%d.gd', $scratch, basename($md, '.md'), $start;
                open my $f, '>:raw', $file or die "$file: $!";
                print $f "\n" x $start, @block;
                close $f;
                my %t = (name => "$md:$start", file => $file, text => join('', "\n" x $start, @block));
                $t{command} = 'check' if @block && $block[0] =~ /^#\s*not run\b/;
                push @tests, \%t;
                undef $start;
            } else {
                push @block, $line;
            }
        } elsif ($line =~ /^```gd\s*$/) {
            $start = $n;
            @block = ();
        }
    }
    die "$md: the block of line $start does not end\n" if defined $start;
    return @tests;
}

sub parse {
    my ($t) = @_;
    my $n = 0;
    @$t{qw(lines errors hints warnings args script_args timeout)} = ([], [], [], [], [], [], 20);
    for my $line (split /\r?\n/, $t->{text}) {
        $n++;
        next unless $line =~ /#/;
        if ($line =~ /#\s*expect:(?: (.*))?$/) {
            push @{$t->{lines}}, { line => $n, text => $1 // '' };
        } elsif ($line =~ /#\s*expect~ (.*)\s(\S+)\s*$/) {
            push @{$t->{lines}}, { line => $n, text => $1, tol => $2 };
        } elsif ($line =~ /#\s*expect error: (E[\dE|*]+)(?:: (.*?))?\s*$/) {
            push @{$t->{errors}}, { file => basename($t->{file}), line => $n, code => $1, text => $2 };
        } elsif ($line =~ /#\s*expect error in (\S+?):(\d+): (E[\dE|*]+)(?:: (.*?))?\s*$/) {
            push @{$t->{errors}}, { file => $1, line => $2, code => $3, text => $4 };
        } elsif ($line =~ /#\s*expect hint: (.*?)\s*$/) {
            push @{$t->{hints}}, $1;
        } elsif ($line =~ /#\s*expect warning: (.*?)\s*$/) {
            push @{$t->{warnings}}, $1;
        } elsif ($line =~ /^#\s*exit: (\d+(?:\|\d+)*)/) {
            $t->{exit} = $1;
        } elsif ($line =~ /^#\s*args: (.*)$/) {
            push @{$t->{args}}, fill($1);
        } elsif ($line =~ /^#\s*script-args: (.*)$/) {
            push @{$t->{script_args}}, fill($1);
        } elsif ($line =~ /^#\s*command: (\w+)/) {
            $t->{command} = $1;
        } elsif ($line =~ /^#\s*stdin: ?(.*)$/) {
            $t->{stdin} = ($t->{stdin} // '') . "$1\n";
        } elsif ($line =~ /^#\s*timeout: (\d+)/) {
            $t->{timeout} = $1;
        } elsif ($line =~ /^#\s*skip-san\b/) {
            $t->{skip} = 'sanitizers' if $san;
        } elsif ($line =~ /^#\s*needs: shared\b/) {
            $t->{skip} = 'no shared folder' unless -d $shared;
        } elsif ($line =~ /^#\s*needs: images\b/) {
            $t->{skip} = 'no images in a minimal build' if $ENV{MINIMAL};
        } elsif ($line =~ /#\s*expect\b/ && $line =~ /#\s*expect(?:~|[^"]*:)/) {
            $t->{bad} = "line $n: malformed expectation: $line";
        }
    }
    $t->{timeout} *= 10 if $san;
    $t->{golden} = "$1.stderr" if !$snippets && !$plain && $t->{file} =~ /^(.*)\.gd$/ && -f "$1.stderr";
    unless (defined $t->{exit}) {
        push @{$t->{errors}}, { code => $1 } if $t->{golden} && slurp($t->{golden}) =~ /^error (E\d{4})/m;
        my ($e) = map { $_->{code} } @{$t->{errors}};
        $t->{exit} = !defined $e ? 0 : $e =~ /^E0[01]/ ? 2 : $e eq 'E0505' ? 130 : 1;
    }
}

sub fill {
    my ($text) = @_;
    $text =~ s/\$SHARED\b/$shared/g;
    return shellwords($text);
}

# ---- running one ----

my $serial = 0;

sub start {
    my ($t) = @_;
    my $dir = $t->{dir} = sprintf '%s/%d', $scratch, $serial++;
    mkdir $dir or die "$dir: $!";
    mkdir "$dir/cwd";
    if (defined $t->{stdin}) {
        open my $f, '>:raw', "$dir/stdin" or die $!;
        print $f $t->{stdin};
        close $f;
    }
    my @command = ($bin);
    push @command, $t->{command} if defined $t->{command};
    push @command, @{$t->{args}}, $t->{file}, @{$t->{script_args}};
    my $pid = fork // die "fork: $!";
    if (!$pid) {
        setpgid(0, 0);
        $SIG{INT} = $SIG{TERM} = 'DEFAULT';
        open STDIN, '<', defined $t->{stdin} ? "$dir/stdin" : '/dev/null' or _exit(126);
        open STDOUT, '>', "$dir/stdout" or _exit(126);
        open STDERR, '>', "$dir/stderr" or _exit(126);
        chdir "$dir/cwd" or _exit(126);
        exec { $command[0] } @command or _exit(127);
    }
    $t->{began} = time;
    $t->{pid} = $pid;
}

# ---- judging one ----

sub close_enough {
    my ($got, $want, $tol) = @_;
    return 0 unless lc($got) eq lc($want) || ($got !~ /inf|nan/i && $want !~ /inf|nan/i);
    return 1 if lc($got) eq lc($want);
    my $scale = abs($want) > 0 ? abs($want) : 1;
    return abs($got - $want) <= $tol * $scale;
}

sub line_matches {
    my ($got, $want) = @_;
    return $got eq $want->{text} unless defined $want->{tol};
    my @a = split /($NUM)/, $got, -1;
    my @b = split /($NUM)/, $want->{text}, -1;
    return 0 unless @a == @b;
    for my $i (0 .. $#a) {
        return 0 unless $i % 2 ? close_enough($a[$i], $b[$i], $want->{tol}) : $a[$i] eq $b[$i];
    }
    return 1;
}

# Text of a difference, or '' when stdout is as expected.
sub compare_output {
    my ($t, $stdout) = @_;
    my @want = @{$t->{lines}};
    return '' if $t->{free_output} || ($t->{command} && !@want);
    my @got = split /\n/, $stdout, -1;
    pop @got if @got && $got[-1] eq '';
    if ($t->{command}) { # `descent test` prints its own lines between those of the script
        my $at = 0;
        for my $w (@want) {
            $at++ while $at < @got && !line_matches($got[$at], $w);
            return "    missing, line $w->{line}: $w->{text}\n" if $at++ >= @got;
        }
        return '';
    }
    my $diff = '';
    my $shown = 0;
    for my $i (0 .. (@want > @got ? $#want : $#got)) {
        my ($w, $g) = ($want[$i], $got[$i]);
        next if defined $w && defined $g && line_matches($g, $w);
        last if ++$shown > 8;
        my $tol = defined $w && defined $w->{tol} ? "  (tolerance $w->{tol})" : '';
        $diff .= sprintf "    line %d\n", $w->{line} if defined $w;
        $diff .= "    - $w->{text}$tol\n" if defined $w;
        $diff .= '    + ' . (defined $g ? $g : '(nothing)') . "\n";
    }
    $diff .= "    ...\n" if $shown > 8;
    return $diff;
}

sub diagnostics {
    my ($stderr) = @_;
    my (@found, $open);
    for my $line (split /\n/, $stderr) {
        if ($line =~ /^error (E\d{4}): ?(.*)$/) {
            push @found, $open = { code => $1, text => $2 };
        } elsif ($open && !defined $open->{line} && $line =~ /^\s*--> (.*?):(\d+)(?::(\d+))?\s*$/) {
            @$open{qw(file line)} = (basename($1), $2);
        } elsif ($open && !defined $open->{line} && $line !~ /^\s*\|/) {
            $open->{text} .= "\n$line"; # a message may run over several lines
        }
    }
    return @found;
}

sub code_matches {
    my ($got, $want) = @_;
    return scalar grep { $_ eq 'E*' || $_ eq $got } split /\|/, $want;
}

sub compare_errors {
    my ($t, $stderr) = @_;
    my @got = diagnostics($stderr);
    my $diff = '';
    for my $want (@{$t->{errors}}) {
        my ($i) = grep {
            my $g = $got[$_];
            code_matches($g->{code}, $want->{code}) && ($g->{line} // 0) == $want->{line}
                && ($g->{file} // '') eq $want->{file}
                && (!defined $want->{text} || index($g->{text}, $want->{text}) >= 0)
        } 0 .. $#got;
        if (defined $i) {
            splice @got, $i, 1;
        } else {
            $diff .= "    - $want->{file}:$want->{line}: $want->{code}"
                . (defined $want->{text} ? ": $want->{text}" : '') . "\n";
        }
    }
    for my $g (@got) {
        $diff .= sprintf "    + %s:%s: %s: %s\n", $g->{file} // '?', $g->{line} // '?', $g->{code}, $g->{text};
    }
    (my $said = $stderr) =~ s{^\s*\d+ \|.*$}{}mg; # without the excerpts of the source
    for my $hint (@{$t->{hints}}) {
        $diff .= "    - stderr with: $hint\n" if index($said, $hint) < 0;
    }
    for my $w (@{$t->{warnings}}) {
        $diff .= "    - warning with: $w\n" unless grep { /warning/ && index($_, $w) >= 0 } split /\n/, $stderr;
    }
    $diff .= "    stderr:\n" . indent($stderr) if $diff ne '' && $stderr ne '';
    if ($diff eq '' && !@{$t->{errors}} && !@{$t->{warnings}} && !@{$t->{hints}} && !$t->{free_output}
        && $t->{exit} eq '0' && $stderr ne '' && !$t->{command}) {
        $diff = "    unexpected on stderr:\n" . indent($stderr);
    }
    return $diff;
}

# Text of a difference between stderr and the file NAME.stderr beside the test, or ''.
sub compare_golden {
    my ($t, $stderr) = @_;
    my $path = $t->{golden};
    $stderr = join '', map { # the lines of the source stay as they are
        s{(?<![^\s("'`])\.{0,2}/(?:[^\s/:"']+/)+}{}g unless /^\s*\d+ \|/;
        $_
    } split /^/, $stderr;
    if ($accept) {
        open my $f, '>:raw', $path or die "$path: $!";
        print $f $stderr;
        close $f;
        return '';
    }
    my @want = split /\n/, slurp($path), -1;
    my @got = split /\n/, $stderr, -1;
    for my $i (0 .. (@want > @got ? $#want : $#got)) {
        my ($w, $g) = ($want[$i], $got[$i]);
        next if defined $w && defined $g && $w eq $g;
        return sprintf "    line %d of %s\n    - %s\n    + %s\n    stderr:\n%s", $i + 1, basename($path),
            $w // '(end)', $g // '(end)', indent($stderr);
    }
    return '';
}

sub indent {
    my ($text) = @_;
    my @lines = split /\n/, $text;
    my $more = @lines > 12 ? sprintf("      ... %d more lines\n", @lines - 12) : '';
    splice @lines, 12 if @lines > 12;
    return join('', map { "      $_\n" } @lines) . $more;
}

sub judge {
    my ($t, $status) = @_;
    my $stdout = slurp("$t->{dir}/stdout");
    my $stderr = slurp("$t->{dir}/stderr");
    my $why = '';
    if ($t->{killed}) {
        $why = "    still running after $t->{timeout} s\n";
    } elsif ($status & 127) {
        $why = sprintf("    died of signal %d\n", $status & 127) . indent($stderr);
    } elsif ($stderr =~ /(AddressSanitizer|LeakSanitizer|runtime error:)/) {
        $why = "    sanitizer: $1\n" . indent($stderr);
    } elsif ($accept && $t->{golden}) {
        compare_golden($t, $stderr);
    } else {
        $why .= compare_output($t, $stdout);
        $why .= $t->{golden} ? compare_golden($t, $stderr) : compare_errors($t, $stderr);
        my $code = $status >> 8;
        if (!grep { $_ == $code } split /\|/, $t->{exit}) {
            $why .= "    exit status $code, expected $t->{exit}\n";
            $why .= indent($stderr) if $why !~ /stderr:/;
            $why .= indent($stdout) if $t->{command} && $stderr eq '';
        }
    }
    remove_tree($t->{dir});
    return $why;
}

# ---- all of them ----

my @paths = @ARGV;
@paths = grep { -d } map { "$here/$_" } qw(lang runtime stdlib errors limits regress) unless @paths;
my @tests;
if ($snippets) {
    @tests = map { tests_from_markdown($_) } @paths;
} else {
    for my $path (@paths) {
        for my $file (collect($path)) {
            my $abs = abs_path($file);
            (my $name = $abs) =~ s{^\Q$top\E/}{};
            push @tests, { name => $name, file => $abs, text => slurp($abs) };
        }
    }
}
for my $t (@tests) {
    parse($t);
    $t->{free_output} = 1 if $plain || ($snippets && !@{$t->{lines}});
}

my ($passed, $failed, $skipped) = (0, 0, 0);
my %running;

sub finish {
    my ($t, $why) = @_;
    if ($why eq '') {
        $passed++;
    } else {
        $failed++;
        print "FAIL $t->{name}\n$why";
    }
}

$| = 1;
my @queue = @tests;
while (@queue || %running) {
    while (@queue && keys %running < $jobs) {
        my $t = shift @queue;
        if ($t->{skip}) {
            $skipped++;
        } elsif ($t->{bad}) {
            finish($t, "    $t->{bad}\n");
        } else {
            start($t);
            $running{$t->{pid}} = $t;
        }
    }
    my $pid = waitpid(-1, WNOHANG);
    if ($pid > 0 && $running{$pid}) {
        my $status = $?;
        finish($running{$pid}, judge(delete $running{$pid}, $status));
        next;
    }
    for my $t (values %running) {
        next if $t->{killed} || time - $t->{began} <= $t->{timeout};
        $t->{killed} = 1;
        kill 'KILL', -$t->{pid};
        kill 'KILL', $t->{pid};
    }
    select undef, undef, undef, 0.002;
}
print "$skipped skipped\n" if $skipped;
print "$passed passed, $failed failed\n";
exit($failed ? 1 : 0);

END {
    if (defined $parent && $$ == $parent) {
        my $status = $?;
        kill 'KILL', -$_ for keys %running;
        $? = $status;
    }
}
