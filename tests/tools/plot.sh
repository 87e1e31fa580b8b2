#!/bin/sh
# plot.sh -- saved figures: SVG is well-formed, PNG decodes to the same picture's size and colours, colours only on demand.
#
# Usage: tests/tools/plot.sh BUILD_DIR
# SPDX-License-Identifier: MIT
build=${1:-build}
bin=${BIN:-$build/descent}
case $bin in /*) ;; *) bin=$(pwd)/$bin ;; esac
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cat >"$dir/p.gd" <<'GD'
seed(1)
let x = linspace(0, 1, 20_000)
let figures = (line: plot((up: (x, x), down: (x, 1 - x)), title: "a < b & \"c\"", xlabel: "x", ylabel: "y"), bars: hist(normal(300)),
  heat: heat(normal(600, 500)), contour: contour((x, y) -> sqrt(x^2 + y^2), ((-1, 1), (-1, 1)), levels: [0.7]), image: image(uniform(30, 40, 3)))
for (name, f) in items(figures) {
  save("{name}.svg", f)
  save("{name}.png", f)
  let p = load("{name}.png")
  assert p.shape == (400, 640, 3), "{name}: {p.shape}"
  assert all(p[0, 0] == 255) and any(p != 255), "{name} is empty"
}
let blue = load("line.png")[:, :, 2] - load("line.png")[:, :, 0] as i32
let rows = argmax(where(blue > 100, 1, 0), axis: 0)     # the rising blue line: higher pixels further right
assert rows[100] > rows[300] and rows[300] > rows[500]
GD
if said=$(cd "$dir" && "$bin" p.gd 2>&1); then echo 'ok plot: files'
else case $said in *"no images"*) echo 'ok plot: files (left out: no images)' ;; *) echo "FAIL plot: files: $(printf '%s' "$said" | head -4 | tr '\n' ' ')" ;; esac; fi
for f in "$dir"/*.svg; do
    why=$(perl -e '
        local $/; open F, "<", $ARGV[0] or die; my $s = <F>; my @open;
        $s =~ s/^<\?xml[^>]*\?>\s*// or (print "no header"), exit;
        while ($s =~ /\G([^<]*)(<[^>]*>)?/gc) {
            my ($t, $tag) = ($1, $2);
            print "bare & in <$t>" and exit if $t =~ /&(?!lt;|amp;|quot;)/;
            last unless defined $tag;
            if ($tag =~ m{^</(\w+)>$}) { my $o = pop @open; print "$tag closes $o" and exit if $o ne $1 }
            elsif ($tag =~ m{^<(\w+)((?:\s+[\w:-]+="[^"<]*")*)\s*(/?)>$}) { push @open, $1 unless $3 }
            else { print "malformed $tag" and exit } }
        print "open: @open" if @open;' "$f")
    [ -z "$why" ] && echo "ok plot: $(basename "$f")" || echo "FAIL plot: $(basename "$f"): $why"
done
[ "$(wc -c <"$dir/line.svg")" -lt 200000 ] && echo 'ok plot: long lines are thinned' || echo 'FAIL plot: a line of 20,000 points is not thinned'
# the line of a cone is a circle, which the frame stretches to an ellipse
perl -ne 'push @x, $1, $3 and push @y, $2, $4 while m{d="M([\d.]+) ([\d.]+)L([\d.]+) ([\d.]+)" stroke="#\w+" stroke-width="1.2"}g;
    END { @s = sort { $a <=> $b } @x; @t = sort { $a <=> $b } @y; ($cx, $rx) = (($s[0] + $s[-1]) / 2, ($s[-1] - $s[0]) / 2);
          ($cy, $ry) = (($t[0] + $t[-1]) / 2, ($t[-1] - $t[0]) / 2);
          for (0 .. $#x) { $r = (($x[$_] - $cx) / $rx) ** 2 + (($y[$_] - $cy) / $ry) ** 2; $bad++ if abs($r - 1) > 0.01 }
          print @x > 100 && !$bad ? "ok plot: a contour is where it belongs\n" : "FAIL plot: $bad of @{[scalar @x]} points are off\n" }' \
    "$dir/contour.svg"
[ "$("$bin" -e 'print(plot([1, 2]))' | grep -c "$(printf '\033')")" = 0 ] && echo 'ok plot: no colours in a pipe' || echo 'FAIL plot: colours in a pipe'
