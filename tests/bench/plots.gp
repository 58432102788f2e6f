# SPDX-License-Identifier: GPL-2.0-or-later
# One plot; plots.py sets data, svg, name, label, style and columns.
set terminal svg size 640,400 dynamic background rgb "white" font "sans,12"
set output svg
set datafile separator tab
set datafile missing "?"
set title name
set ylabel label
set key outside right top
set key autotitle columnhead
set grid ytics
if (style eq "bars") {
	set style data histograms
	set style fill solid 0.7
	set yrange [0:*]
	plot for [i = 2:columns] data using i:xtic(1)
} else {
	set style data linespoints
	set logscale y
	set xrange [-0.5:*]
	set xtics rotate by -30
	# Those that are the same are seen, one within the other.
	plot for [i = 2:columns] data using 0:i:xtic(1) linewidth 2 * (columns - i) + 1
}
