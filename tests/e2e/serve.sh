#!/bin/bash
# Without these tests an owner who brings the original's database could find
# something of it missing: `make run` on it, from the first start to the third.
# shellcheck disable=SC2154,SC2016,SC2317,SC2015 # from the library; for eval and sh -c; called by wait_for; || only counts
cd "$(dirname "$0")/../.." || exit 1
. tests/lib.sh
init=$PWD/$build/jair-init
old=tests/fixtures/db/v2.8.10-small.db
data=$tap_dir/data
port=$(free_port)

# serve N: start `make run` for the N-th time, in a process group of its own.
serve() {
	env --default-signal=INT setsid make --no-print-directory run \
	    "PORT=$port" "DATA_DIR=$data" > "$tap_dir/log$1" 2>&1 < /dev/null &
	run_pid=$!
	started "$run_pid"
	wait_for 120 grep -q 'jair is ready' "$tap_dir/log$1"
}
# stop N: Ctrl-C.
stop() {
	kill -INT -- "-$run_pid"
	wait_for 30 gone "$run_pid" &&
	    grep -q 'jair has stopped' "$tap_dir/log$1"
}
api() { curl -s -o "$tap_dir/body" -w '%{http_code}' "http://127.0.0.1:$port$1"; }
jair() { DATA_DIR=$data "$init" "$@"; }
generations() { find "$data" -name 'dev.db.backup_startup*' | wc -l; }
# rows DATABASE TABLE: the original's columns of every row, values as literals.
rows() {
	local columns
	columns=$(sqlite3 "$old" "SELECT group_concat('quote(\"' || name ||
	    '\")', ', ') FROM pragma_table_info('$2')")
	sqlite3 "file:$1?mode=ro" "SELECT $columns FROM \"$2\" ORDER BY 1"
}

mkdir "$data"
cp "$old" "$data/dev.db"
ok "make run on the original's database" serve 1
is "/api/ready through nginx" "$(api /api/ready)" 200
is "/api/system/status" "$(api /api/system/status)" 200
ok "it is configured" jq -e .configured "$tap_dir/body"
is "the page" "$(api /)" 200
ok "Ctrl-C stops it, and says so" stop 1

for table in $(sqlite3 "$old" "SELECT name FROM sqlite_schema
    WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"); do
	is "every row of $table is there" "$(rows "$data/dev.db" "$table")" \
	    "$(rows "$old" "$table")"
done
is "the sequences go on" "$(sqlite3 "$data/dev.db" "SELECT seq FROM
    sqlite_sequence WHERE name = 'Media'")" "$(sqlite3 "$old" "SELECT seq FROM
    sqlite_sequence WHERE name = 'Media'")"
ok "the snapshot verifies" jair verify dev.db.backup_startup
ok "the archive verifies" jair verify backup_latest.json
for f in "$data"/* "$data"/.jair.*; do
	is "mode of ${f##*/}" "$(mode "$f")" 600
done

ok "second start" serve 2
ok "second stop" stop 2
is "at most one new generation" "$(generations)" 2
before=$(sha256sum "$data"/dev.db.backup_startup*)
ok "third start" serve 3
ok "third stop" stop 3
is "no new generation" "$(sha256sum "$data"/dev.db.backup_startup*)" "$before"
ok "its snapshot verifies" jair verify dev.db.backup_startup
ok "its archive verifies" jair verify backup_latest.json
ok "its status is healthy" jair status
not_ok "nothing is left of the run" test -e "build/run/$port"
done_testing
