# SPDX-License-Identifier: GPL-2.0-or-later
# Small multiples of soak.csv: a line for the samples under load, points for what
# was left at the end of each round, or for each stop. run sets csv, svg and name.
set terminal svg size 1200,900 dynamic background rgb "white" font "sans,11"
set output svg
set datafile separator comma
# What belongs to another phase is left out, and does not break a line.
set datafile missing NaN
set multiplot layout 4,3 margins 0.06,0.98,0.04,0.91 spacing 0.07,0.08 title name." (by minutes; line: under load, triangles: settled, points: at rest, or a stop)" noenhanced
set grid ytics
set yrange [0:*]
set xrange [0:*]
set key off
set style line 1 linecolor rgb "#9ecae1" linewidth 1
set style line 2 linecolor rgb "#1b9e77" pointtype 8 pointsize 0.6
set style line 3 linecolor rgb "#d95f02" pointtype 7 pointsize 0.5

of(phase, column_name) = strcol("phase") eq phase ? column(column_name) : NaN

do for [c in "suspects overlay_inodes upper_inodes nameless unreclaimable_kib available_kib open_files inodes syncfs_ms fsync_ms"] {
	set title sprintf("%s", c) noenhanced
	plot csv using (column("time") / 60):(of("busy", c)) with lines linestyle 1, \
		"" using (column("time") / 60):(of("settled", c)) with points linestyle 2, \
		"" using (column("time") / 60):(of("rest", c)) with points linestyle 3
}
do for [c in "runc_stop_ms crun_stop_ms"] {
	set title sprintf("%s", c) noenhanced
	plot csv using (column("time") / 60):(of("stop", c)) with points linestyle 3
}
unset multiplot
