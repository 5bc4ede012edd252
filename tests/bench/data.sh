# data.sh: the benchmark of everything that happens to a database.  Source it
# after lib.sh.
# shellcheck shell=bash disable=SC2154,SC2317 # from lib.sh; called by name

# The join that an archive is, for the sqlite3 program.
join='SELECT u.username, um.status, um.addedAt, um.updatedAt, um.blockedAt,
    um.permanentBlock, um.softBlockUntil, um.redemptionAttempts, m.title,
    m.tmdbId, m.mediaType, m.releaseYear, m.posterUrl, m.overview,
    m.backdropUrl, m.voteAverage, m.language, m.genres, m.keywords,
    m.director, m.topCast, m.tagline, m.similarIds, m.recommendationIds,
    m.enrichedAt, m.posterSourceUrl, m.backdropSourceUrl
    FROM UserMedia um JOIN Media m ON m.id = um.mediaId
    JOIN User u ON u.id = um.userId'

# people SIZE: "USERS ITEMS", items for each user.
people() {
	case $1 in
	S) echo 3 20 ;;
	M) echo 5 1000 ;;
	L) echo 20 5000 ;;
	XL) echo 50 20000 ;;
	*) return 1 ;;
	esac
}

# items SIZE: of all users.
items() {
	local users each
	read -r users each <<<"$(people "$1")"
	echo $((users * each))
}

# make_household SIZE: the database, its archive, its dump, an empty database.
make_household() {
	home=$tap_dir/home
	rm -rf "$home"
	mkdir "$home"
	# shellcheck disable=SC2046 # two words
	"$build/bench/gendb" "$home/dev.db" $(people "$1") 1 &&
	    "$build/bench/parts" write "$home/dev.db" "$home/dev.json" &&
	    sqlite3 "$home/dev.db" .dump >"$home/dump.sql" &&
	    sqlite3 "$home/empty.db" <core/schema.sql &&
	    sqlite3 "$home/empty.db" 'PRAGMA user_version = 1'
}

# fresh FILE...: these are not there.
fresh() {
	local file
	for file; do
		rm -rf "${home:?}/$file" "$home/$file-journal"
	done
}

# sqlite3 as its owner uses it; a file that it wrote reaches the disk.
backup_by_hand() {
	timed sqlite3 "$home/dev.db" ".backup $home/hand.db" &&
	    timed sqlite3 "$home/hand.db" 'PRAGMA integrity_check' &&
	    grep -qx ok "$tap_dir/said"
}
dump_by_hand() {
	timed sqlite3 -json "$home/dev.db" "$join" >"$home/hand.json"
}
load_by_hand() {
	fresh new.db
	timed sqlite3 "$home/new.db" <"$home/dump.sql"
}
all_by_hand() {
	fresh hand.db hand.json
	backup_by_hand && timed sync "$home/hand.db" && dump_by_hand &&
	    timed sync "$home/hand.json" && load_by_hand &&
	    timed sync "$home/new.db"
}
snapshot_by_hand() {
	fresh hand.db
	backup_by_hand
}

boot() {
	fresh data
	mkdir -m 700 "$home/data" && cp "$home/dev.db" "$home/data/" &&
	    DATA_DIR=$home/data timed "$build/jair-init" &&
	    test -e "$home/data/backup_latest.json"
}
snapshot() {
	fresh snapshot.db
	timed "$build/bench/parts" snapshot "$home/dev.db" "$home/snapshot.db"
}
write_archive() {
	fresh written.json
	timed "$build/bench/parts" write "$home/dev.db" "$home/written.json"
}
verify_archive() {
	timed "$build/bench/parts" verify "$home/dev.json" "$home"
}
restore_archive() {
	fresh restored.db
	cp "$home/empty.db" "$home/restored.db" &&
	    timed "$build/bench/parts" restore "$home/dev.json" \
	    "$home/restored.db"
}

# bench_part PART SIZE WHAT TARGET OURS YARDSTICK: its row, when it is asked
# for.  In the smallest households the start of a process is all there is.
bench_part() {
	local target=$4
	asked_for "$1" || return 0
	[ "$2" != S ] || target=
	compare "$3" "$2" "$target" "$5" "$6"
}

# bench_data SIZE: every part of what happens to a database.
bench_data() {
	make_household "$1" &&
	    bench_part boot "$1" 'whole boot' 1.0 boot all_by_hand &&
	    bench_part snapshot "$1" snapshot 1.0 snapshot snapshot_by_hand &&
	    bench_part write "$1" 'archive written' 0.7 write_archive \
		dump_by_hand &&
	    bench_part verify "$1" 'archive verified' 1.3 verify_archive \
		load_by_hand &&
	    bench_part restore "$1" 'restore into empty' 1.3 restore_archive \
		load_by_hand || return 1
	rm -rf "$home"
}

# member WHAT SIZE NAME: of the row about WHAT at SIZE.
member() {
	jq -s --arg what "$1" --arg size "$2" --arg name "$3" \
	    'map(select(.what == $what and .size == $size))[0][$name]' "$rows"
}

# bench_growth SMALLEST LARGEST: what the rows say about size: the processor
# time of an item against that in a middle household, which was measured in
# other minutes; the memory against a small one's.
bench_growth() {
	local what
	while IFS= read -r what; do
		if [[ $2 != M && " $sizes " == *" M "* ]]; then
			value "time an item: $what" "$2" x "$(jq -n "$median"'
			    $large / $items / ($middle / 5000) | round(2)' \
			    --argjson items "$(items "$2")" \
			    --argjson large "$(member "$what" "$2" cpu)" \
			    --argjson middle "$(member "$what" M cpu)")" 1.2
		fi
		value "peak memory: $what" "$2" MiB \
		    "$(member "$what" "$2" rss_mib)" 16
		[ "$1" = "$2" ] || value "memory above $1: $what" "$2" MiB \
		    "$(jq -n "$median"' $large - $small | round(1)' \
		    --argjson large "$(member "$what" "$2" rss_mib)" \
		    --argjson small "$(member "$what" "$1" rss_mib)")" 2
	done < <(jq -r --arg size "$2" 'select(.size == $size) | .what' "$rows")
}
