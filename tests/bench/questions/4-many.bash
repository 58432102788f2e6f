# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2154,SC2004
# What syncfs of A costs with "count" dirty things of a "kind" and nobody else:
# files of 4 KiB, new directories, blocks of a sparse file, a GiB apart; or with one
# dirty file beside so many that are clean but held open for write.

# some_files COUNT: a hundred of those that flood has made, from first to last.
some_files() {
	local i n
	for ((i = 0; i < 100; i++)); do
		n=$((i * ($1 - 1) / 99))
		echo "/up/a/upper/$((n / 1000))/$((n % 1000))"
	done
}

question_4() {
	local json files own i data n=${cell[count]}
	overlays a
	own=$(own_folder)
	warm_up
	for ((i = 1; i <= ${cell[repeat]}; i++)); do
		data=data$i
		case ${cell[kind]} in
		files)
			flood "$own" "$n" cwC
			json=$(measured "$(sync_command)")
			mapfile -t files < <(some_files "$n")
			durable "${files[@]}"
			;;
		directories)
			mkdir "$own/$i"
			json=$(measured "each $n mkdir $own/$i/%" "$(sync_command)")
			;;
		sparse)
			json=$(measured "open f rwc $own/$data" "each $n write f %G 4K" "$(sync_command)")
			durable "/up/a/upper/$data"
			;;
		open)
			json=$(measured "each $n open f% rwc $own/%" 'syncfs /up' \
				"open f rwc $own/$data" 'write f 0 4K' "$(sync_command)")
			durable "/up/a/upper/$data"
			;;
		esac
		result "$json"
	done
}
