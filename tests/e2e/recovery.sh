#!/bin/bash
# Without these tests a damaged database could cost what its backups, or it
# itself, still hold; or a start could take a healthy one for damaged.
# shellcheck disable=SC2154,SC2016,SC2317 # from the library; for eval and wait_for
cd "$(dirname "$0")/../.." || exit 1
. tests/lib.sh
init=$PWD/$build/jair-init
fixtures=tests/fixtures/db

# boot [NAME=VALUE...]: run one in $dir; output in $log, status in $rc.
boot() {
	env DATA_DIR="$dir" "$@" "$init" > "$tap_dir/log" 2>&1
	rc=$?
	log=$(cat "$tap_dir/log")
}
# fresh NAME [FIXTURE]: a new folder $dir that was started three times, so
# that its snapshots know the present tables.
fresh() {
	local model=$tap_dir/model-${2:-v2.8.10-medium}
	if [ ! -d "$model" ]; then
		dir=$model
		mkdir "$dir"
		cp "$fixtures/${2:-v2.8.10-medium}.db" "$dir/dev.db"
		for _ in 1 2 3; do
			boot
			[ "$rc" = 0 ] || tap_fail "$1: the first starts: $log"
		done
	fi
	dir=$tap_dir/$1
	cp -a "$model" "$dir"
	keep=$(files)
}
q() { sqlite3 "$dir/dev.db" "$1"; }
# page TABLE TYPE N: the number of its Nth page, in the order of its keys.
page() {
	q "SELECT pageno FROM dbstat WHERE name = '$1' AND pagetype = '$2'
	ORDER BY path LIMIT 1 OFFSET $3"
}
# spoil PAGE [COUNT [FROM]]: overwrite pages of the database.
spoil() {
	dd if="${3:-/dev/zero}" of="$dir/dev.db" bs=4096 seek=$(($1 - 1)) \
	    count="${2:-1}" conv=notrunc status=none
}
files() { (cd "$dir" && find . -name 'dev.db.*' -o -name 'backup_*' | sort); }
# Nothing that was there before is gone.
kept() {
	local f
	for f in $keep; do
		[ -s "$dir/$f" ] || same_content "$f" || return 1
	done
}
# same_content FILE: it was an archive whose content another one has; of such
# retention keeps two.
same_content() {
	local digest
	digest=$(grep -hs -m 1 content_sha256 "$tap_dir"/model-*/"$1") ||
	    return 1
	[ "$(grep -lF -- "$digest" "$dir"/backup_2*.json | wc -l)" -ge 2 ]
}
half_done() {
	find "$dir" -path "$dir/quarantine" -prune -o \
	    \( -name '*.jair-tmp-*' -o -name '*.recovered' \) -print
}
quarantined() { find "$dir/quarantine" -type f -name "$1" 2>/dev/null | wc -l; }
recoveries() { q "SELECT count(*) FROM BackupRun WHERE kind = 'recovery'"; }
newer="INSERT INTO UserMedia (userId, mediaId, status, updatedAt) SELECT 1, id,
'WATCHED', '2100-01-01T00:00:00.000Z' FROM Media WHERE id NOT IN (SELECT
mediaId FROM UserMedia WHERE userId = 1) ORDER BY id LIMIT 5"

# healed NAME ROWS: the present state is a whole database of so many entries,
# with one recovery on record; nothing is lost and the next start is quiet.
healed() {
	local before
	is "$1: status" "$rc" 0
	like "$1: it says so" "$log" 'The database is damaged: .*
.*✅ Database recovered \([0-9]+ ms\)'
	is "$1: entries" "$(q 'PRAGMA integrity_check;
	SELECT count(*) FROM UserMedia')" "ok
$2"
	is "$1: on record" "$(recoveries)" 1
	ok "$1: the damaged file is in quarantine" \
	    [ "$(quarantined dev.db)" = 1 ]
	ok "$1: no backup is gone" kept
	is "$1: no half-done file is left" "$(half_done)" ""
	is "$1: no one is logged in" "$(q 'SELECT count(*) FROM JairSession')" 0
	before=$(find "$dir" -name 'dev.db.backup_startup*' | wc -l)
	boot
	is "$1: the next start" "$rc" 0
	not_ok "$1: the next start recovers nothing" grep -q 🩹 "$tap_dir/log"
	is "$1: the next start makes no more snapshots" "$(find "$dir" \
	    -name 'dev.db.backup_startup*' | wc -l)" "$before"
	ok "$1: the archive verifies" eval \
	    'DATA_DIR=$dir "$init" verify backup_latest.json > "$tap_dir/v"'
}

# ---- damage of every kind ---------------------------------------------------

fresh zeroed
q "$newer"
q "INSERT INTO JairSession (tokenHash, userId, createdAt, lastUsedAt, expiresAt)
SELECT 'h', id, 'a', 'b', 'c' FROM User LIMIT 1"
q "UPDATE SystemConfig SET aiModel = 'changed'"
spoil "$(page UserMedia leaf 2)"
boot
like "zeroed: the source and its age" "$log" \
    'used: dev\.db\.backup_startup \(made [-0-9T:.Z]+, [0-9]+ minutes? ago\)'
like "zeroed: the rows" "$log" 'table UserMedia: 5005 rows'
like "zeroed: the users" "$log" \
    'user admin: 1005 entries, 5 of them from the damaged file'
like "zeroed: what may be missing" "$log" \
    'may be missing: the damaged file gave [0-9]+ rows; 0 rows and 1 page '
like "zeroed: where it lies" "$log" \
    "now lies in $dir/quarantine/[-0-9T]+/dev.db; nothing was deleted"
is "zeroed: the newer configuration" \
    "$(q 'SELECT aiModel FROM SystemConfig')" changed
is "zeroed: setup stays closed" \
    "$(q 'SELECT isConfigured FROM SystemConfig')" 1
is "zeroed: what happened stays on record" "$(q "SELECT count(*) > 5
FROM BackupRun")" 1
healed zeroed 5005

fresh truncated
truncate -s $(($(stat -c %s "$dir/dev.db") / 3)) "$dir/dev.db"
boot
healed truncated 5000

fresh header
head -c 100 /dev/urandom | dd of="$dir/dev.db" conv=notrunc status=none
q2=$(sqlite3 "$dir/dev.db" 'SELECT 1 FROM User' 2>&1)
like "header: SQLite cannot open it" "$q2" 'not a database'
boot
healed header 5000

# One byte of the header: the encoding of all text, the format of the schema.
for at in 59:encoding 47:format; do
	fresh "${at#*:}"
	q "$newer"
	printf '\5' | dd of="$dir/dev.db" bs=1 seek="${at%:*}" conv=notrunc \
	    status=none
	[ "$at" != 59:encoding ] || printf '\2' |
	    dd of="$dir/dev.db" bs=1 seek=59 conv=notrunc status=none
	boot
	is "${at#*:}: users" "$(q "SELECT count(*), max(username = 'admin')
	FROM User")" '5|1'
	healed "${at#*:}" 5005
done

fresh text
echo "This is no database." > "$dir/dev.db"
boot
healed text 5000

fresh empty
: > "$dir/dev.db"
boot
like "empty: the cause" "$log" 'is empty'
healed empty 5000

# SQLite itself takes a file of one byte for an empty one.
fresh one-byte
printf x > "$dir/dev.db"
boot
healed "one byte" 5000

# Sound, but something else's, or without any table: the household is not in
# it.
fresh foreign
rm "$dir/dev.db"
q 'CREATE TABLE notes (a, b); INSERT INTO notes VALUES (1, 2)'
cp "$dir/dev.db" "$tap_dir/foreign.db"
before=$(sha256sum < "$dir/dev.db")
boot JAIR_RECOVERY=off
is "another program's database, told to stop: status" "$rc" 4
is "another program's database, told to stop: untouched" \
    "$(sha256sum < "$dir/dev.db")" "$before"
boot
like "another program's database: the cause" "$log" \
    'no table of a household: it was emptied, or is the database of something'
like "another program's database: what may be missing" "$log" \
    'Changes after that backup may be missing'
is "another program's database is kept as it was" \
    "$(sha256sum < "$(find "$dir/quarantine" -name dev.db)")" "$before"
healed "another program's database" 5000

fresh no-tables
rm "$dir/dev.db"
q 'CREATE TABLE t (a); DROP TABLE t'
boot
healed "no tables" 5000

fresh schema
q "$newer"
spoil 1 1 /dev/urandom
boot
healed schema 5005

# An index alone: the damaged file itself gives everything, also what no
# backup has.
fresh index
q "$newer; UPDATE User SET movieProfile = 'kept' WHERE id = 1;
CREATE TABLE own (a, b); INSERT INTO own VALUES (1, 'x');
CREATE VIEW seen AS SELECT a FROM own"
spoil "$(page UserMedia_userId_mediaId_key leaf 1)"
boot
like "index: the source" "$log" 'used: what the damaged file itself gave'
like "index: nothing is missing" "$log" 'nothing is missing'
is "index: what is nobody's business" "$(q 'SELECT a FROM seen')" 1
is "index: the profile" \
    "$(q 'SELECT movieProfile FROM User WHERE id = 1')" kept
healed index 5005

# Two tables changed places: each page is sound, and nothing is right.
fresh swapped
a=$(q "SELECT rootpage FROM sqlite_schema WHERE name = 'UserMedia'")
b=$(q "SELECT rootpage FROM sqlite_schema WHERE name = 'User'")
cp "$dir/dev.db" "$tap_dir/copy.db"
from() { # PAGE: that page of the copy
	dd if="$tap_dir/copy.db" of="$tap_dir/page" bs=4096 skip=$(($1 - 1)) \
	    count=1 status=none
}
from "$a"
spoil "$b" 1 "$tap_dir/page"
from "$b"
spoil "$a" 1 "$tap_dir/page"
boot
is "swapped: users" "$(q 'SELECT count(*) FROM User')" 5
healed swapped 5000

# The same with two tables that have no index of their own rows to miss.
fresh swapped-settings
a=$(q "SELECT rootpage FROM sqlite_schema WHERE name = 'SystemConfig'")
b=$(q "SELECT rootpage FROM sqlite_schema WHERE name = 'StagedUser'")
cp "$dir/dev.db" "$tap_dir/copy.db"
from "$a"
spoil "$b" 1 "$tap_dir/page"
from "$b"
spoil "$a" 1 "$tap_dir/page"
boot
is "swapped settings: they are back" \
    "$(q 'SELECT isConfigured FROM SystemConfig')" 1
healed "swapped settings" 5000

# The end of a long text: SQLite follows no pointer from there.
fresh zero-text
q "UPDATE User SET movieProfile = replace(printf('%.9000c', 'x'), 'x', 'abc')
WHERE id = 1"
boot
spoil "$(q "SELECT pageno FROM dbstat WHERE name = 'User' AND
    pagetype = 'overflow' ORDER BY path DESC LIMIT 1")"
like "zeros in a text: SQLite sees nothing" "$(q 'PRAGMA integrity_check')" ok
q "CREATE TABLE zeros (a BLOB); INSERT INTO zeros VALUES (zeroblob(20000))"
boot
is "zeros in a text: it is back" "$(q "SELECT length(movieProfile),
    instr(movieProfile, char(0)) FROM User WHERE id = 1")" '27000|0'
healed "zeros in a text" 5000
fresh zero-blob
q "CREATE TABLE zeros (a BLOB); INSERT INTO zeros VALUES (zeroblob(20000))"
boot
not_ok "zeros that belong there: no recovery" grep -q 🩹 "$tap_dir/log"

# ---- which backup -----------------------------------------------------------

fresh archives
rm "$dir"/dev.db.*
keep=$(files)
spoil 1 9999 /dev/urandom
boot
like "only archives: the source" "$log" 'used: backup_'
is "only archives: setup stays closed" \
    "$(q 'SELECT isConfigured FROM SystemConfig')" 1
healed "only archives" 5000

fresh newer-archive
q "$newer"
DATA_DIR=$dir "$init" backup > "$tap_dir/out"
keep=$(files)
echo "This is no database." > "$dir/dev.db"
boot
like "an archive newer than the snapshots" "$log" 'used: backup_'
healed "a newer archive" 5005

fresh changed-archive
q "$newer"
DATA_DIR=$dir "$init" backup > "$tap_dir/out"
for f in "$dir"/backup_*.json; do
	sed -i 's/2100-01-01/2200-01-01/' "$f"
done
echo "This is no database." > "$dir/dev.db"
boot
like "a changed archive comes after a whole snapshot" "$log" \
    'used: dev.db.backup_startup'
healed "a changed archive" 5000

fresh bad-backups
for f in "$dir"/dev.db.backup_startup*; do
	head -c 60000 /dev/urandom > "$f"
done
: > "$dir/dev.db.pre-upgrade_2030-01-01T00-00-00"
echo '{' > "$dir/backup_2030-01-01T00-00-00.json"
rm "$dir"/dev.db.pre-upgrade_20[!3]*
keep=
echo "This is no database." > "$dir/dev.db"
boot
like "damaged backups are told of" "$log" \
    '[0-9]+ backups looked at, [45] of them not usable, the first: '
like "damaged backups are passed over" "$log" 'used: backup_'
healed "damaged backups" 5000

fresh nothing
rm "$dir"/dev.db.* "$dir"/backup_*
keep=
head -c 50000 /dev/urandom > "$dir/dev.db"
boot
is "nothing left: status" "$rc" 0
like "nothing left: it says so" "$log" 'no backup that can be used.*setup opens'
like "nothing left: where it lies" "$log" 'now lies in .*/dev.db; nothing'
is "nothing left: an empty database" "$(q 'SELECT count(*) FROM User')" 0
boot
is "nothing left: the next start" "$rc" 0

# No backup, but most of the file.
fresh alone
rm "$dir"/dev.db.* "$dir"/backup_*
keep=
spoil "$(page UserMedia leaf 2)"
boot
like "no backup: the file itself" "$log" 'used: what the damaged file itself'
n=$(q 'SELECT count(*) FROM UserMedia')
ok "no backup: most entries" [ "$n" -gt 4900 ]
healed "no backup" "$n"

# A source with users beats one without, whatever its time.
fresh users
boot
sqlite3 "$dir/dev.db.backup_startup" "DELETE FROM UserMedia; DELETE FROM User;
INSERT INTO Media (tmdbId, mediaType) VALUES (999999999, 'movie')"
for f in "$dir"/backup_*; do
	rm "$f"
done
keep=$(files)
echo "This is no database." > "$dir/dev.db"
boot
like "a source without users never wins" "$log" \
    'used: dev.db.(backup_startup.1|pre-upgrade_)'
healed "a source without users" 5000

# ---- told to stop -----------------------------------------------------------

fresh off
spoil "$(page UserMedia leaf 2)"
sums() { (cd "$dir" && sha256sum dev.db dev.db.* backup_*); }
before=$(sums)
for i in $(seq 50); do
	boot JAIR_RECOVERY=off
	[ "$rc" = 4 ] || tap_fail "off: status $rc at start $i"
done
like "off: the choices" "$log" \
    'The database is damaged.*mv .*cp .*dev.db.backup_startup'
is "off: after fifty starts all is as it was" "$(sums)" "$before"
boot JAIR_RECOVERY=maybe
is "a wrong setting: status" "$rc" 1
boot JAIR_LOG=json
ok "as JSON" eval 'jq -e -s "map(select(.message | test(\"recovered\")))
| length > 0" < "$tap_dir/log" > "$tap_dir/jq"'
healed_log=$log
ok "as JSON: each line" [ "$(wc -l <<< "$healed_log")" -gt 15 ]

# ---- again and again --------------------------------------------------------

fresh again v2.8.10-small
for i in $(seq 6); do
	spoil "$(page UserMedia leaf 0)" 1 /dev/urandom
	boot
	[ "$rc" = 0 ] || tap_fail "again: status $rc at $i"
	[ "$(q 'SELECT count(*) FROM UserMedia')" = 71 ] ||
	    tap_fail "again: rows are gone at $i"
done
is "damaged six times: nothing is lost" \
    "$(q 'SELECT count(*) FROM UserMedia')" 71
is "damaged six times: each file is kept" "$(quarantined dev.db)" 6
is "damaged six times: each is on record" "$(recoveries)" 6

# ---- what is not damage -----------------------------------------------------

fresh directory
rm -f "$dir"/dev.db*
mkdir "$dir/dev.db"
boot
is "a folder in its place: status" "$rc" 2
like "a folder in its place: message" "$log" 'dev.db'
ok "a folder in its place stays" [ -d "$dir/dev.db" ]

# What is no file would keep SQLite, or us, waiting; or be replaced unasked.
fresh pipe
rm -f "$dir"/dev.db*
mkfifo "$dir/dev.db"
boot
is "a pipe in its place: status" "$rc" 2
like "a pipe in its place: message" "$log" 'dev.db is a pipe or a device'
ok "a pipe in its place stays" [ -p "$dir/dev.db" ]
fresh pipe-beside
rm "$dir/dev.db.backup_startup.1"
mkfifo "$dir/dev.db.backup_startup.1"
q "$newer"
boot
is "a pipe in a generation's place: status" "$rc" 0
like "a pipe in a generation's place: the warning" "$log" \
    'Startup backup failed: .*backup_startup.1 is a pipe'
fresh link
mv "$dir/dev.db" "$tap_dir/elsewhere.db"
ln -s "$tap_dir/elsewhere.db" "$dir/dev.db"
boot
is "a link to the database: status" "$rc" 0
ok "a link to the database stays one" [ -L "$dir/dev.db" ]
rm "$tap_dir/elsewhere.db"
boot
is "a link to nothing: status" "$rc" 2
like "a link to nothing: message" "$log" 'dev.db is a link that leads to no file'
not_ok "a link to nothing: no database is made there" \
    [ -e "$tap_dir/elsewhere.db" ]

# Held for writing, and damaged: whoever writes comes first.
fresh locked
spoil "$(page UserMedia leaf 2)"
mkfifo "$tap_dir/sql"
sqlite3 "$dir/dev.db" < "$tap_dir/sql" > "$tap_dir/out" 2>&1 &
started $!
exec 7> "$tap_dir/sql"
echo "BEGIN IMMEDIATE; UPDATE SystemConfig SET aiModel = 'x';
SELECT 'held';" >&7
held() { grep -q held "$tap_dir/out"; }
wait_for 10 held
before=$(sums)
boot JAIR_BUSY_WAIT=1
is "locked and damaged: status" "$rc" 5
like "locked and damaged: message" "$log" 'another process.*lock'
is "locked and damaged: nothing changes" "$(sums)" "$before"
exec 7>&-

fresh serving
spoil "$(page UserMedia leaf 2)"
(flock -s 9 && exec sleep 60) 9> "$dir/.jair.serving" &
started $!
serves() { ! flock -xn "$dir/.jair.serving" true; }
wait_for 10 serves
before=$(sums)
boot
is "while jair-api serves: status" "$rc" 5
like "while jair-api serves: message" "$log" 'Stop jair-api'
is "while jair-api serves: nothing changes" "$(sums)" "$before"

fresh newer-jair
q 'PRAGMA user_version = 7'
spoil "$(page UserMedia leaf 2)"
before=$(sums)
boot
is "a newer jair's: status" "$rc" 3
like "a newer jair's: message" "$log" 'newer jair'
is "a newer jair's: nothing changes" "$(sums)" "$before"

# An index that lacks a row, in a database in WAL mode.
fresh wal-index v2.8.10-small
q 'CREATE INDEX own ON User(movieProfile); PRAGMA writable_schema = ON;
CREATE TABLE hidden AS SELECT type, name, tbl_name, rootpage, sql
FROM sqlite_schema WHERE name = "own";
DELETE FROM sqlite_schema WHERE name = "own"'
q "INSERT INTO User (username, movieProfile) VALUES ('late', 'x')"
q 'PRAGMA writable_schema = ON;
INSERT INTO sqlite_schema SELECT * FROM hidden; DROP TABLE hidden'
q 'PRAGMA journal_mode=WAL' > "$tap_dir/out"
sqlite3 "$dir/dev.db" ".dbconfig no_ckpt_on_close on" \
    "UPDATE User SET tvProfile = 'from the wal' WHERE id = 1" > "$tap_dir/out"
boot
is "a bad index in WAL mode: status" "$rc" 0
like "a bad index in WAL mode: built anew" "$log" 'have been built anew'
is "a bad index in WAL mode: healed" "$(q "PRAGMA integrity_check; SELECT
tvProfile FROM User WHERE id = 1; SELECT count(*) FROM User WHERE username =
'late'")" "ok
from the wal
1"
is "a bad index in WAL mode: no recovery" "$(recoveries)" 0

# ---- killed in between ------------------------------------------------------

# States that a kill can leave, made by hand from a recovery's own files.
states() {
	fresh "$1"
	q "$newer"
	sqlite3 "$dir/dev.db" "VACUUM INTO '$tap_dir/$1.whole'"
	spoil "$(page UserMedia leaf 2)"
	cp "$dir/dev.db" "$tap_dir/$1.damaged"
}
states ready
cp "$tap_dir/ready.whole" "$dir/dev.db.recovered"
boot JAIR_RECOVERY=off
is "killed before the damaged file moved, told to stop: status" "$rc" 4
boot
is "killed before the damaged file moved: status" "$rc" 0
like "killed before the damaged file moved: finished" "$log" \
    'interrupted has been finished; the damaged database now lies in .*/dev.db'
is "killed before the damaged file moved: entries" \
    "$(q 'SELECT count(*) FROM UserMedia')" 5005
is "killed before the damaged file moved: it is kept" \
    "$(sha256sum < "$(find "$dir/quarantine" -name dev.db)")" \
    "$(sha256sum < "$tap_dir/ready.damaged")"

states moved
cp "$tap_dir/moved.whole" "$dir/dev.db.recovered"
mkdir -p "$dir/quarantine/2026-01-01T00-00-00"
mv "$dir/dev.db" "$dir/quarantine/2026-01-01T00-00-00/dev.db"
head -c 4096 /dev/urandom > "$dir/dev.db-journal"
head -c 4096 /dev/urandom > "$dir/dev.db-wal"
boot
is "killed after the damaged file moved: status" "$rc" 0
is "killed after the damaged file moved: entries" \
    "$(q 'PRAGMA integrity_check; SELECT count(*) FROM UserMedia')" "ok
5005"
is "killed after it moved: its journals follow" \
    "$(quarantined 'dev.db-*')" 2
not_ok "killed after it moved: no setup" grep -q 'fresh install' \
    "$tap_dir/log"

# The owner was faster: a whole database stays.
states faster
cp "$tap_dir/faster.whole" "$dir/dev.db.recovered"
cp "$dir/dev.db.backup_startup" "$dir/dev.db"
boot
is "a whole database stays: entries" \
    "$(q 'SELECT count(*) FROM UserMedia')" 5000
is "a whole database stays: the other is kept" \
    "$(quarantined 'dev.db.recovered')" 1

# A half-written new file is no new file.
states half
head -c 30000 "$tap_dir/half.whole" > "$dir/dev.db.recovered"
boot
healed "a half-written new file" 5005

# Killed at any moment.
fresh killed v2.8.10-small
for i in $(seq 20); do
	spoil "$(page UserMedia leaf 0)" 1 /dev/urandom 2> "$tap_dir/err" ||
	    tap_fail "killed: no database to damage at $i"
	for _ in 1 2 3; do
		DATA_DIR=$dir timeout -s KILL "0.$(printf %03d \
		    $((RANDOM % 400 + 5)))" "$init" > "$tap_dir/out" 2>&1 &&
		    break
	done 2> "$tap_dir/err"
	boot
	state="$rc $(q 'PRAGMA integrity_check; SELECT count(*) FROM UserMedia')"
	[ "$state" = '0 ok
71' ] || tap_fail "killed: round $i, state $state: $log"
	rm -f "$dir"/backup_2*
done
is "killed many times: entries" "$(q 'SELECT count(*) FROM UserMedia')" 71
is "killed many times: no half-done file is left" "$(half_done)" ""

# ---- the database elsewhere, a journal without a database -------------------

fresh away
mkdir "$tap_dir/other"
mv "$dir/dev.db" "$tap_dir/other/house.db"
head -c 30000 /dev/urandom |
    dd of="$tap_dir/other/house.db" bs=4096 seek=9 conv=notrunc status=none
boot "DATABASE_URL=file:$tap_dir/other/house.db"
is "DATABASE_URL: status" "$rc" 0
is "DATABASE_URL: entries" "$(sqlite3 "$tap_dir/other/house.db" \
    'SELECT count(*) FROM UserMedia')" 5000
is "DATABASE_URL: quarantine" "$(quarantined house.db)" 1
is "DATABASE_URL: nothing is left there" "$(find "$tap_dir/other" -type f \
    ! -name house.db ! -name house.db-journal)" ""

fresh orphan
rm "$dir/dev.db"
head -c 5000 /dev/urandom > "$dir/dev.db-wal"
boot
is "a -wal without its database: status" "$rc" 0
is "a -wal without its database is kept" "$(quarantined dev.db-wal)" 1
like "the newest backup is offered" "$log" \
    "go on from the newest: (stop jair, then cp|jair-init restore)"

done_testing
