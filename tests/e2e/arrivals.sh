#!/bin/bash
# Without these tests a database that lies elsewhere, or arrives in an odd
# state, could be changed though it is refused, or be open to others.
# shellcheck disable=SC2154,SC2016 # from the library; for eval
cd "$(dirname "$0")/../.." || exit 1
. tests/lib.sh
init=$PWD/$build/jair-init
fixtures=tests/fixtures/db

# fresh NAME [FIXTURE]: a new folder $dir, with a database when one is named.
fresh() {
	dir=$tap_dir/$1
	mkdir "$dir"
	[ $# -lt 2 ] || cp "$fixtures/$2.db" "$dir/dev.db"
}
# jair ARG...: output in $log, status in $rc.
jair() {
	DATA_DIR=$dir "$init" "$@" > "$tap_dir/log" 2>&1
	rc=$?
	log=$(cat "$tap_dir/log")
}
sums() { (cd "$dir" && sha256sum -- "$@" 2>&1); }

# ---- refused with every byte as it was --------------------------------------

fresh newer v2.8.10-small
sqlite3 "$dir/dev.db" 'PRAGMA journal_mode = WAL' > /dev/null
sqlite3 "$dir/dev.db" '.dbconfig no_ckpt_on_close on' \
    'PRAGMA user_version = 2' > /dev/null
ok "a newer database in WAL mode: something is not merged" \
    test -s "$dir/dev.db-wal"
before=$(sums dev.db dev.db-wal)
for command in '' 'schema --apply' 'schema --plan' backup; do
	# shellcheck disable=SC2086 # a command and its option
	jair $command
	is "a newer database, ${command:-boot}: status" "$rc" 3
	like "a newer database, ${command:-boot}: message" "$log" 'newer jair'
	is "a newer database, ${command:-boot}: nothing is merged" \
	    "$(sums dev.db dev.db-wal)" "$before"
done

# A start that fails at the sync, again and again: something else has the name
# of a table of ours.
fresh loop v2.8.10-small
sqlite3 "$dir/dev.db" 'CREATE INDEX "Job" ON "User"("username")'
before=$(sums dev.db)
for i in 1 2 3; do
	jair
	is "a sync that fails, start $i: status" "$rc" 3
	is "a sync that fails, start $i: one copy from before it" \
	    "$(find "$dir" -name 'dev.db.pre-upgrade_*' | wc -l)" 1
done
is "a sync that fails: nothing was changed" "$(sums dev.db)" "$before"
sqlite3 "$dir/dev.db" 'DROP INDEX "Job"'
jair
is "a sync that succeeds then: status" "$rc" 0
is "a sync that succeeds then: a copy of its own" \
    "$(find "$dir" -name 'dev.db.pre-upgrade_*' | wc -l)" 2

# ---- links and modes --------------------------------------------------------

fresh far v2.0.3-small
mkdir "$tap_dir/real"
mv "$dir/dev.db" "$tap_dir/real/house.db"
chmod 644 "$tap_dir/real/house.db"
ln -s ../real/house.db "$dir/dev.db"
chmod 755 "$dir"
jair
is "a link to the database: status" "$rc" 0
ok "a link to the database: it stays one" test -L "$dir/dev.db"
is "a link to the database: its file's mode" \
    "$(mode "$tap_dir/real/house.db")" 600
is "a folder that was open is for its owner alone" "$(mode "$dir")" 700
is "a link to the database: rows" "$(sqlite3 "$tap_dir/real/house.db" \
    'SELECT count(*) FROM UserMedia')" 71
# A journal of the former file lies where the file is.
cp "$dir/dev.db.backup_startup" "$dir/dev.db"
echo 'a journal of another file' > "$tap_dir/real/house.db-journal"
jair
is "a link, copied back: status" "$rc" 0
like "a link, copied back: the left-over journal is put aside" "$log" \
    'house\.db-journal belonged to the former file'
dd if=/dev/urandom of="$tap_dir/real/house.db" bs=4096 count=2 conv=notrunc \
    2> /dev/null
jair
is "a link to a damaged database: status" "$rc" 0
is "a link to a damaged database: rows" "$(sqlite3 "$dir/dev.db" \
    'SELECT count(*) FROM UserMedia')" 71
ok "a link to a damaged database: it still is one" test -L "$dir/dev.db"
rm "$tap_dir/real/house.db"
jair
is "a link to nowhere: status" "$rc" 2
like "a link to nowhere: message" "$log" '/far/dev\.db is a link that leads to no file'

fresh shared v2.8.10-small
chmod 1777 "$dir"
jair
is "a folder that all share stays so" "$rc $(mode "$dir")" '0 1777'
done_testing
