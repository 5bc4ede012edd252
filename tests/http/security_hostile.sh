#!/bin/bash
# Without these tests a database file that somebody has prepared could crash
# the start or the workers, or be taken for a good one.
# shellcheck disable=SC2154,SC2317 # from the libraries; called by wait_for
cd "$(dirname "$0")/../.." || exit 1
. tests/lib.sh
. tests/lib-http.sh

# hurt FILE AT LENGTH: overwrite that many bytes with what looks like noise.
hurt() {
	head -c "$3" /dev/zero | tr '\0' '\377' |
	    dd of="$1" bs=1 seek="$2" conv=notrunc status=none
}
# hostile DIR: databases that are none, or not quite.
hostile() {
	local base=tests/fixtures/db/v2.0.3-small.db size at name
	size=$(stat -c %s $base)
	cp tests/fuzz/corpus/salvage/* "$1"
	for at in 16 18 21 24 28 36 40 44 52 56 60 96 100 101 103 105 108 120 \
	    200 $((size / 3)) $((size / 2)) $((size - 4096)) $((size - 200)); do
		cp $base "$1/byte-$at"
		hurt "$1/byte-$at" "$at" 4
	done
	for at in 1 15 16 99 100 101 511 4095 4096 4097 $((size / 2)) \
	    $((size - 1)); do
		head -c "$at" $base > "$1/cut-$at"
	done
	# Programs in the schema of a file must not run.
	for name in trigger view check index generated; do
		cp $base "$1/schema-$name"
	done
	sqlite3 "$1/schema-trigger" "CREATE TRIGGER t AFTER INSERT ON User
	    BEGIN DELETE FROM Media; END"
	sqlite3 "$1/schema-view" 'ALTER TABLE User RENAME TO U; CREATE VIEW
	    User AS SELECT * FROM U'
	sqlite3 "$1/schema-check" "CREATE TABLE c (a CHECK
	    (length(printf('%.*c', 1000000000, 'x')) > 0))"
	sqlite3 "$1/schema-index" 'CREATE INDEX i ON User (abs(length(username)))'
	sqlite3 "$1/schema-generated" "CREATE TABLE g (a, b AS
	    (randomblob(500000000)))"
	printf 'SQLite format 3\0' > "$1/magic"
	head -c 100000 /dev/zero > "$1/zeros"
}
mkdir "$tap_dir/files"
hostile "$tap_dir/files"

# A start with each: it ends with a status that is documented, soon.
for file in "$tap_dir"/files/*; do
	data=$tap_dir/boot-${file##*/}
	mkdir -m 700 "$data"
	cp "$file" "$data/dev.db"
	DATA_DIR=$data timeout -k 1 60 "$build/jair-init" \
	    >"$tap_dir/init.log" 2>&1
	code=$?
	cat "$tap_dir/init.log" >> "$tap_dir/boots.log"
	like "a start with ${file##*/}" "$code" '^[02345]$'
	rm -rf "$data"
done
ok "no sanitizer has complained of a start" clean_log

# Under the workers' feet: they answer, and live.
data=$tap_dir/data
make_data
ok "jair-api starts" start_api
pids=$(workers_of "$api_pid")
for file in "$tap_dir"/files/*; do
	cp "$file" "$data/new"
	mv "$data/new" "$data/dev.db"
	for path in /api/system/status /api/ready /api/system/restore \
	    /api/system/setup-defaults; do
		direct "$path" > "$tap_dir/answer"
		grep -qE '^Status: (200|503|500)' "$tap_dir/answer" ||
			diag "$path: $(head -n 1 "$tap_dir/answer")"
	done
	like "a worker with ${file##*/}: it answers" \
	    "$(head -n 1 "$tap_dir/answer")" '^Status: (200|503|500)'
done
is "no worker has fallen" "$(workers_of "$api_pid")" "$pids"
ok "no sanitizer has complained" clean_log
done_testing
