#!/bin/bash
# Without these tests a start could lose what it should save: the boot's log,
# its exit statuses, and what it does with databases of every kind.
# shellcheck disable=SC2154,SC2016,SC2317,SC2015 # from the library; for eval and sh -c; called by wait_for; || only counts
cd "$(dirname "$0")/../.." || exit 1
. tests/lib.sh
init=$PWD/$build/jair-init
fixtures=tests/fixtures/db

# boot DIR [NAME=VALUE...] [-- COMMAND...]: run one; output in $log, status in
# $rc.
boot() {
	local dir=$1 env=()
	shift
	while [ $# -gt 0 ] && [ "$1" != -- ]; do
		env+=("$1")
		shift
	done
	env DATA_DIR="$dir" "${env[@]}" "$init" "$@" > "$tap_dir/log" 2>&1
	rc=$?
	log=$(cat "$tap_dir/log")
}
# fresh NAME [FIXTURE]: a new folder $dir, with a database when one is named.
fresh() {
	dir=$tap_dir/$1
	mkdir "$dir"
	[ $# -lt 2 ] || cp "$fixtures/$2.db" "$dir/dev.db"
}
jair() { DATA_DIR=$dir "$init" "$@"; }
sums() { (cd "$dir" && sha256sum -- "$@" 2>&1); }
generations() { find "$dir" -name 'dev.db.backup_startup*' | wc -l; }

# ---- an empty folder --------------------------------------------------------

dir=$tap_dir/new/deep
boot "$dir"
is "an empty folder: status" "$rc" 0
is "a new folder is private" "$(mode "$dir")" 700
is "its log begins as it must" "$(head -n 3 "$tap_dir/log")" \
"🚀 Starting Jellyfin AI Recommender Backend...
================================================
📁 Ensuring data directory exists: $dir"
like "it says that there was no database" "$log" \
    "⚠️  No existing database found .*fresh install"
like "its end" "$(tail -n 2 "$tap_dir/log")" \
    "🎉 Initialization complete! Starting application..."
for f in "$dir"/* "$dir"/.jair.*; do
	is "mode of ${f##*/}" "$(mode "$f")" 600
done
boot "$tap_dir/odd 'name\" x"
is "a folder with an odd name" "$rc" 0

# ---- the original's databases -----------------------------------------------

for name in v2.0.3-small v2.2.0-upgraded v2.3.7-upgraded v2.8.10-small \
    v2.8.10-medium; do
	fresh "$name" "$name"
	boot "$dir"
	is "$name: status" "$rc" 0
	like "$name: grep -A 5 shows the start" \
	    "$(grep -A 5 'Starting Jellyfin' "$tap_dir/log" | tail -n 3)" \
	    "^💾 Creating startup backup: $dir/dev.db.backup_startup
✅ Startup backup created successfully \([0-9.]+ [kM]B, verified, [0-9]+ ms\)
🔄 Syncing database schema...$"
	like "$name: schema" "$log" \
	    '✅ Database schema synced successfully \([0-9]+ changes, [0-9]+ ms\)'
	like "$name: statements" "$log" '✅ [0-9]+ statements compiled'
	like "$name: archive" "$log" \
'📦 Creating JSON backup...
✅ JSON backup created successfully \([35] users, [0-9]+ items, [0-9]+ ms\)
================================================
🎉 Initialization complete! Starting application...'
	is "$name: one snapshot" "$(generations)" 1
	before=$(sums dev.db.backup_startup)
	is "$name: the snapshot is the former database" "$(sqlite3 \
	    "$dir/dev.db.backup_startup" 'SELECT count(*) FROM UserMedia')" \
	    "$(sqlite3 "$fixtures/$name.db" 'SELECT count(*) FROM UserMedia')"
	is "$name: the database before the upgrade is kept" "$(sqlite3 \
	    "$dir"/dev.db.pre-upgrade_* 'PRAGMA user_version;
	    SELECT count(*) FROM UserMedia')" "$(sqlite3 \
	    "$fixtures/$name.db" 'PRAGMA user_version;
	    SELECT count(*) FROM UserMedia')"
	boot "$dir"
	like "$name: second start: nothing to change" "$log" '0 changes'
	is "$name: second start: one more generation" "$(generations)" 2
	like "$name: the first snapshot is generation 1" \
	    "$(sums dev.db.backup_startup.1)" "${before%% *}"
	third=$(sums dev.db.backup_startup dev.db.backup_startup.1)
	boot "$dir"
	is "$name: third start: none" "$(generations)" 2
	is "$name: third start: the same bytes" \
	    "$(sums dev.db.backup_startup dev.db.backup_startup.1)" "$third"
	ok "$name: the archive verifies" jair verify backup_latest.json
	ok "$name: the snapshot verifies" jair verify dev.db.backup_startup
	ok "$name: status says healthy" jair status
	before=$(sums dev.db)
	is "$name: schema --plan" "$(jair schema --plan)" \
	    "The tables are in sync; there is nothing to change."
	is "$name: it changes nothing" "$(sums dev.db)" "$before"
	for f in "$dir"/*; do
		[ "$(mode "$f")" = 600 ] || tap_fail "$name: mode of $f"
	done
done

# ---- commands ---------------------------------------------------------------

ok "list --json parses" eval 'jair list --json | jq -e ".backups | length > 3"'
ok "status --json parses" eval 'jair status --json | jq -e .healthy'
ok "backup --json parses" eval 'jair backup --json | jq -e .verified'
ok "diff: equal" eval \
    'jair diff --json backup_latest.json dev.db | jq -e .equal'
for c in backup list verify restore diff schema status prune help; do
	like "$c --help" "$(jair "$c" --help)" "usage: jair-init $c"
done
boot "$dir" -- sh -c 'echo "started $0"; exit 7' app
like "-- COMMAND is started" "$log" 'started app$'
is "-- COMMAND: its status is ours" "$rc" 7
boot "$dir" -- "$tap_dir/none"
is "-- COMMAND that is missing" "$rc" 127
boot "$dir" -- "$dir/dev.db"
is "-- COMMAND that is no program" "$rc" 126
boot "$dir" JAIR_LOG=json
ok "JAIR_LOG=json: each line is an object" jq -e .message "$tap_dir/log"
jair verify nothing.json 2> "$tap_dir/err"
is "a missing file: status" $? 2
like "a missing file: message" "$(cat "$tap_dir/err")" 'nothing.json'
jair wrong 2> /dev/null
is "an unknown command: status" $? 1
jair list --wrong 2> /dev/null
is "an unknown option: status" $? 1
JAIR_WORKERS=x jair list 2> "$tap_dir/err"
is "a wrong setting: status" $? 1
like "a wrong setting is named" "$(cat "$tap_dir/err")" 'JAIR_WORKERS'
head -c 3000 "$dir/backup_latest.json" > "$tap_dir/cut.json"
jair verify "$tap_dir/cut.json" 2> "$tap_dir/err"
is "a cut archive: status" $? 4
like "a cut archive: message names the line" "$(cat "$tap_dir/err")" 'line [0-9]+'

# ---- failures ---------------------------------------------------------------

echo text > "$tap_dir/file"
boot "$tap_dir/file"
is "DATA_DIR is a file: status" "$rc" 2
like "DATA_DIR is a file: message" "$log" "$tap_dir/file"

fresh locked v2.8.10-small
(flock 9 && exec sleep 60) 9> "$dir/.jair.lock" &
started $!
wait_for 10 test -e "$dir/.jair.lock"
held() { ! flock -n "$dir/.jair.lock" true; }
wait_for 10 held
boot "$dir" JAIR_LOCK_WAIT=1
is "another boot holds the lock: status" "$rc" 2
like "another boot holds the lock: message" "$log" '\.jair\.lock'

fresh busy v2.8.10-small
mkfifo "$tap_dir/sql"
sqlite3 "$dir/dev.db" < "$tap_dir/sql" > /dev/null 2>&1 &
started $!
exec 7> "$tap_dir/sql"
echo 'BEGIN EXCLUSIVE; INSERT INTO User (username) VALUES ("x");' >&7
wait_for 10 test -s "$dir/dev.db-journal"
before=$(sums dev.db)
boot "$dir" JAIR_BUSY_WAIT=1
is "a locked database: status" "$rc" 5
like "a locked database: message" "$log" 'lock'
is "a locked database is not touched" "$(sums dev.db)" "$before"
exec 7>&-

# Locked for writing only: the snapshot is made, the sync has to wait.
fresh reserved v2.8.10-small
mkfifo "$tap_dir/sql2"
sqlite3 "$dir/dev.db" < "$tap_dir/sql2" > /dev/null 2>&1 &
started $!
exec 7> "$tap_dir/sql2"
echo 'BEGIN IMMEDIATE; INSERT INTO User (username) VALUES ("x");' >&7
wait_for 10 test -s "$dir/dev.db-journal"
boot "$dir" JAIR_BUSY_WAIT=1
is "locked for writing: status" "$rc" 5
like "locked for writing: message" "$log" 'Schema sync failed!.*lock'
exec 7>&-

# A NULL where the target needs a value and has no default.
fresh null v2.8.10-small
sqlite3 "$dir/dev.db" 'PRAGMA writable_schema = ON;
    UPDATE sqlite_schema SET sql = replace(sql, "tmdbId"" INTEGER NOT NULL",
    "tmdbId"" INTEGER") WHERE name = "Media"' 'PRAGMA writable_schema = RESET' \
    'UPDATE Media SET tmdbId = NULL WHERE id = 1' > /dev/null
rows=$(sqlite3 "$dir/dev.db" 'SELECT count(*) FROM Media')
boot "$dir"
is "a row without its id: all rows are there" "$(sqlite3 "$dir/dev.db" \
    "SELECT (SELECT count(*) FROM Media) + coalesce((SELECT sum(1) FROM
    sqlite_schema WHERE name = '_jair_rejected_Media'), 0)")" "$rows"

# An index that lacks a row is built anew.
fresh index v2.8.10-small
sqlite3 "$dir/dev.db" 'CREATE INDEX own ON User(movieProfile);
    PRAGMA writable_schema = ON;
    CREATE TABLE hidden AS SELECT type, name, tbl_name, rootpage, sql
    FROM sqlite_schema WHERE name = "own";
    DELETE FROM sqlite_schema WHERE name = "own"'
sqlite3 "$dir/dev.db" "INSERT INTO User (username, movieProfile)
    VALUES ('late', 'x')"
sqlite3 "$dir/dev.db" 'PRAGMA writable_schema = ON;
    INSERT INTO sqlite_schema SELECT * FROM hidden; DROP TABLE hidden'
like "an index lacks a row" "$(sqlite3 "$dir/dev.db" \
    'PRAGMA integrity_check')" 'missing from index'
boot "$dir"
is "an index lacks a row: status" "$rc" 0
like "an index lacks a row: it is built anew" "$log" \
    'verified with [0-9]+ finding.*Indexes were damaged and have been built'
is "an index lacks a row: healed" "$(sqlite3 "$dir/dev.db" \
    'PRAGMA integrity_check; SELECT count(*) FROM User
    WHERE username = "late"')" 'ok
1'

# A damaged former snapshot.
boot "$dir"
sqlite3 "$dir/dev.db" 'DELETE FROM User WHERE username = "late"'
dd if=/dev/urandom of="$dir/dev.db.backup_startup" bs=4096 seek=3 count=6 \
    conv=notrunc 2> /dev/null
before=$(sums dev.db.backup_startup.1)
boot "$dir"
is "a damaged snapshot: status" "$rc" 0
like "a damaged snapshot: message" "$log" 'damaged; it now lies in .*quarantine'
is "a damaged snapshot becomes no generation" "$(sums \
    dev.db.backup_startup.1)" "$before"
ok "a damaged snapshot: the new one verifies" jair verify \
    dev.db.backup_startup

fresh newer v2.8.10-small
sqlite3 "$dir/dev.db" 'PRAGMA user_version = 999'
before=$(sums dev.db)
boot "$dir"
is "a newer database: status" "$rc" 3
like "a newer database: message" "$log" 'Schema sync failed!.*999'
is "a newer database is not touched" "$(sums dev.db)" "$before"
not_ok "status says not healthy" jair status

fresh broken v2.8.10-small
boot "$dir"
dd if=/dev/urandom of="$dir/dev.db" bs=4096 seek=3 count=6 conv=notrunc \
    2> /dev/null
before=$(sums dev.db.backup_startup backup_latest.json dev.db)
for i in $(seq 50); do
	boot "$dir" JAIR_RECOVERY=off
	[ "$rc" = 4 ] || tap_fail "a damaged database: status $rc at boot $i"
done
is "a damaged database: status" "$rc" 4
like "a damaged database: message" "$log" 'damaged.*cp .*dev.db.backup_startup'
is "after fifty boots every backup is as it was" \
    "$(sums dev.db.backup_startup backup_latest.json dev.db)" "$before"
head -c 100 /dev/urandom > "$dir/dev.db"
boot "$dir" JAIR_RECOVERY=off
is "no database at all: status" "$rc" 4
mv "$dir/dev.db" "$dir/dev.db.damaged"
cp "$dir/dev.db.backup_startup" "$dir/dev.db"
boot "$dir"
is "the advice works: status" "$rc" 0
is "the advice works: rows" "$(sqlite3 "$dir/dev.db" \
    'SELECT count(*) FROM UserMedia')" 71

# A snapshot copied back beside a journal of the former file.
fresh copied v2.8.10-small
boot "$dir"
boot "$dir"
rows=$(sqlite3 "$dir/dev.db" 'SELECT count(*) FROM UserMedia')
cp "$dir/dev.db.backup_startup" "$dir/dev.db"
head -c 8192 /dev/urandom > "$dir/dev.db-journal"
before=$(sums dev.db dev.db-journal)
for c in status backup "schema --plan" "schema --apply" list; do
	# shellcheck disable=SC2086 # a command and its option
	jair $c > /dev/null 2>&1
done
is "a left-over journal: no command lets it in" \
    "$(sums dev.db dev.db-journal)" "$before"
boot "$dir"
is "a left-over journal: status" "$rc" 0
like "a left-over journal is named" "$log" 'dev.db-journal.*quarantine'
is "a left-over journal is put aside" \
    "$(find "$dir/quarantine" -name dev.db-journal | wc -l)" 1
is "the copied-back rows are there" "$(sqlite3 "$dir/dev.db" \
    'SELECT count(*) FROM UserMedia')" "$rows"

# A WAL that was never merged.
fresh wal v2.8.10-small
sqlite3 "$dir/dev.db" 'PRAGMA journal_mode=WAL' > /dev/null
sqlite3 "$dir/dev.db" ".dbconfig no_ckpt_on_close on" \
    "UPDATE User SET movieProfile = 'from the wal' WHERE id = 1" > /dev/null
ok "the WAL holds something" test -s "$dir/dev.db-wal"
boot "$dir"
is "a WAL: status" "$rc" 0
is "a WAL is part of the snapshot" "$(sqlite3 "$dir/dev.db.backup_startup" \
    'SELECT movieProfile FROM User WHERE id = 1')" 'from the wal'
is "a WAL is merged" "$(sqlite3 "$dir/dev.db" \
    'PRAGMA journal_mode; SELECT movieProfile FROM User WHERE id = 1')" \
    'delete
from the wal'

# An empty database beside backups of a full one.
fresh emptied v2.8.10-small
boot "$dir"
before=$(sums dev.db.backup_startup backup_latest.json)
mv "$dir/dev.db" "$tap_dir/kept.db"
boot "$dir"
is "the database is missing: status" "$rc" 0
like "the database is missing: backups are listed" "$log" \
    'there are backups.*backup_latest.json'
boot "$dir"
is "an empty database replaces no backup" \
    "$(sums dev.db.backup_startup backup_latest.json)" "$before"

# The archive is not what a start hangs on.
fresh noarchive v2.8.10-small
boot "$dir"
rm "$dir/backup_latest.json"
mkdir "$dir/backup_latest.json"
boot "$dir"
is "no archive can be written: the boot goes on" "$rc" 0
like "no archive can be written: the warning" "$log" \
    '⚠️  JSON backup failed \(non-critical, continuing...\)'

# No snapshot: go on only when nothing is to change.
fresh nosnap v2.8.10-small
mkdir -p "$dir/dev.db.backup_startup/x"
before=$(sums dev.db)
boot "$dir"
is "no snapshot, a plan: status" "$rc" 3
is "no snapshot, a plan: nothing was changed" "$(sums dev.db)" "$before"
rm -r "$dir/dev.db.backup_startup"
boot "$dir"
rm "$dir"/dev.db.backup_startup*
mkdir -p "$dir/dev.db.backup_startup/x"
boot "$dir"
is "no snapshot, no plan: the boot goes on" "$rc" 0
like "no snapshot, no plan: the warning" "$log" '⚠️  Startup backup failed'

# The database elsewhere.
mkdir "$tap_dir/elsewhere"
cp "$fixtures/v2.0.3-small.db" "$tap_dir/elsewhere/house.db"
fresh away
boot "$dir" "DATABASE_URL=file:$tap_dir/elsewhere/house.db?connection_limit=1"
is "DATABASE_URL: status" "$rc" 0
like "DATABASE_URL: the right database" "$log" '3 users, 71 items'
ok "DATABASE_URL: backups lie in DATA_DIR" test -s "$dir/backup_latest.json"

# Killed at any moment, nothing bears a final name that is not whole.
fresh killed v2.8.10-small
boot "$dir"
for i in $(seq 40); do
	DATA_DIR=$dir timeout -s KILL "0.0$((RANDOM % 90 + 10))" "$init" \
	    > /dev/null 2>&1
	jair verify backup_latest.json > /dev/null 2>&1 &&
	    jair verify dev.db.backup_startup > /dev/null 2>&1 ||
	    tap_fail "killed: a backup is not whole (round $i)"
done
boot "$dir"
is "after kills: status" "$rc" 0
is "after kills: rows" "$(sqlite3 "$dir/dev.db" \
    'PRAGMA integrity_check; SELECT count(*) FROM UserMedia')" 'ok
71'
is "after kills: no temporary file is left" \
    "$(find "$dir" -name '*.jair-tmp-*' | wc -l)" 0
done_testing
