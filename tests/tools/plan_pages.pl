#!/usr/bin/perl
# plan_pages.pl -- compares what the command prints with what the pages and the golden plans say.
#
# Usage: plan_pages.pl [--accept] BIN PAGE.md PLAN.gd...
# In a page, `<!-- output of: OPTIONS -->` stands before a block of text: the output of the ```gd block before it, run as
# example.gd with these options. Beside PLAN.gd stands PLAN.plan, the output of --dump=plan. --accept writes both anew.
# SPDX-License-Identifier: MIT
use strict;
use warnings;
use File::Temp qw(tempdir);

my $accept = @ARGV && $ARGV[0] eq '--accept' ? shift : '';
my ($bin, $page, @plans) = @ARGV;
my $dir = tempdir('descent-plan-XXXXXX', TMPDIR => 1, CLEANUP => 1);

sub slurp {
    my ($path) = @_;
    open my $f, '<:raw', $path or return '';
    local $/;
    return scalar(<$f>) // '';
}

sub spew {
    my ($path, $text) = @_;
    open my $f, '>:raw', $path or die "$path: $!\n";
    print $f $text;
    close $f;
}

sub output {
    my ($file, @options) = @_;
    open my $p, '-|', $bin, @options, $file or die "$bin: $!\n";
    local $/;
    my $text = <$p> // '';
    close $p;
    return $text;
}

# The first line that differs.
sub verdict {
    my ($name, $want, $got) = @_;
    my (@w, @g);
    if ($want eq $got) {
        print "ok plan: $name\n";
        return;
    }
    @w = split /\n/, $want;
    @g = split /\n/, $got;
    my $i = 0;
    $i++ while $i < @w && $i < @g && $w[$i] eq $g[$i];
    printf "FAIL plan: %s: line %d is '%s', expected '%s' (sh tests/tools/plan.sh BUILD --accept writes it anew)\n", $name,
        $i + 1, $g[$i] // 'missing', $w[$i] // 'nothing more';
}

for my $gd (@plans) {
    (my $golden = $gd) =~ s/\.gd$/.plan/;
    my $got = output($gd, '--threads=1', '--dump=plan');
    spew($golden, $got) if $accept;
    (my $name = $gd) =~ s{.*/}{};
    verdict("the plans of $name", slurp($golden), $got);
}

my ($new, $code, $options, $n) = ('', '', undef, 0);
my @line = split /^/, slurp($page);
for (my $i = 0; $i < @line; $i++) {
    $new .= $line[$i];
    $options = $1 if $line[$i] =~ /^<!-- output of: (.*?) -->/;
    next unless $line[$i] =~ /^```(\w*)/;
    my ($kind, $text) = ($1, '');
    $text .= $line[$i] while ++$i < @line && $line[$i] !~ /^```/;
    $code = $text if $kind eq 'gd';
    if ($kind ne 'gd' && defined $options) {
        spew("$dir/example.gd", $code);
        my $got = output("$dir/example.gd", split ' ', $options);
        $n++;
        verdict("output $n of the page ($options)", $accept ? $got : $text, $got);
        $text = $got if $accept;
        undef $options;
    }
    $new .= $text . ($line[$i] // '');
}
spew($page, $new) if $accept;
print "FAIL plan: no outputs in $page\n" unless $n;
