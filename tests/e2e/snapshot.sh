#!/bin/bash
# Without these tests a snapshot could be restored over a database in use, mix
# with a stale journal, or take this server's own records with it.
# shellcheck disable=SC2016,SC2154,SC2317 # eval, ok and wait_for run them
cd "$(dirname "$0")/../.." || exit 1
. tests/lib.sh
init=$PWD/$build/jair-init

fresh() {
	dir=$tap_dir/$1
	mkdir "$dir"
	cp tests/fixtures/db/v2.8.10-small.db "$dir/dev.db"
	jair > "$tap_dir/log" 2>&1
}
jair() { DATA_DIR=$dir "$init" "$@"; }
q() { sqlite3 "$dir/dev.db" "$1"; }
restore() {
	jair restore --yes "${@:-dev.db.backup_startup}" > "$tap_dir/out" \
	    2> "$tap_dir/err"
	rc=$?
}

# ---- what belongs to this server stays --------------------------------------

fresh local
q "DELETE FROM UserMedia;
INSERT INTO Job VALUES (7, 't', 'done', NULL, NULL, NULL, NULL, 'now', NULL,
NULL, 0);
INSERT INTO StagedRestore VALUES (5, 'f', 'done', 's', NULL, NULL, NULL, 'now');
INSERT INTO StagedUser VALUES (6, 5, 'x', 'claimed', NULL, NULL, NULL);
INSERT INTO JairSession (tokenHash, userId, createdAt, lastUsedAt, expiresAt)
SELECT 'h', id, 'a', 'b', 'c' FROM User LIMIT 1"
runs=$(q "SELECT count(*) FROM BackupRun")
restore
is "restore: status" $rc 0
is "the lists are back" "$(q "SELECT count(*) FROM UserMedia")" 71
is "runs, jobs and staged restores stay" "$(q "SELECT (SELECT count(*) FROM
BackupRun) || (SELECT group_concat(id) FROM Job) || (SELECT group_concat(id)
FROM StagedRestore) || (SELECT group_concat(id) FROM StagedUser)")" \
    "$((runs + 1))756"
is "sessions do not" "$(q "SELECT count(*) FROM JairSession")" 0
is "an older version's tables are synced" "$(jair schema --plan)" \
    "The tables are in sync; there is nothing to change."
is "the database is whole" "$(q 'PRAGMA integrity_check')" ok
restore --undo
is "undo: status" $rc 0
is "undo: the lists are gone again" "$(q "SELECT count(*) FROM UserMedia")" 0
restore --undo
is "undo twice: they are back" "$(q "SELECT count(*) FROM UserMedia")" 71

# ---- somebody else is there -------------------------------------------------

before=$(sha256sum "$dir/dev.db")
(flock -s 9 && exec sleep 60) 9> "$dir/.jair.serving" &
started $!
held() { ! flock -xn "$dir/.jair.serving" true; }
wait_for 10 held
restore
is "while jair-api serves: status" $rc 5
like "while jair-api serves: message" "$(cat "$tap_dir/err")" 'Stop jair-api'
is "while jair-api serves: nothing changes" "$(sha256sum "$dir/dev.db")" \
    "$before"

fresh open
mkfifo "$tap_dir/in"
sqlite3 "$dir/dev.db" < "$tap_dir/in" > "$tap_dir/seen" 2>&1 &
started $!
exec 8> "$tap_dir/in"
echo "SELECT 'n' || count(*) FROM UserMedia; DELETE FROM UserMedia;" >&8
saw() { grep -qs "$1" "$tap_dir/seen"; }
wait_for 10 saw n71
emptied() { [ "$(q 'SELECT count(*) FROM UserMedia')" = 0 ]; }
wait_for 10 emptied
restore
is "another process has it open: status" $rc 0
echo "SELECT 'again' || count(*) FROM UserMedia;" >&8
ok "it sees the restored rows" wait_for 10 saw again71
exec 8>&-

# ---- in other states --------------------------------------------------------

fresh wal
# A writer that was killed leaves its -wal behind.
sqlite3 "$dir/dev.db" < "$tap_dir/in" > "$tap_dir/wal-log" 2>&1 &
writer=$!
started $writer
exec 8> "$tap_dir/in"
echo "PRAGMA journal_mode=WAL; PRAGMA wal_autocheckpoint=0;
    DELETE FROM UserMedia; SELECT 'ready';" >&8
ready() { grep -qs ready "$tap_dir/wal-log"; }
wait_for 10 ready
kill -KILL $writer
wait $writer 2> "$tap_dir/null"
ok "a -wal lies beside it" test -s "$dir/dev.db-wal"
restore
is "over a database in WAL mode: status" $rc 0
is "over a database in WAL mode: the lists" \
    "$(q 'SELECT count(*) FROM UserMedia')" 71
is "over a database in WAL mode: whole" "$(q 'PRAGMA integrity_check')" ok
not_ok "no -wal is left" test -s "$dir/dev.db-wal"

fresh damaged
head -c 20000 /dev/zero | tr '\0' x |
    dd of="$dir/dev.db" bs=1 seek=8192 conv=notrunc status=none
restore
is "over a damaged one: status" $rc 0
is "over a damaged one: the lists" "$(q 'SELECT count(*) FROM UserMedia')" 71
ok "over a damaged one: it is in quarantine" eval \
    'find "$dir/quarantine" -type f -name "dev.db*" | grep -q .'

fresh missing
rm "$dir/dev.db"
restore
is "over a missing one: status" $rc 0
is "over a missing one: the lists" "$(q 'SELECT count(*) FROM UserMedia')" 71
is "its mode" "$(mode "$dir/dev.db")" 600

# ---- refusals ---------------------------------------------------------------

fresh refused
before=$(sha256sum "$dir/dev.db")
head -c 30000 "$dir/dev.db.backup_startup" > "$dir/cut.db"
restore cut.db
is "a cut snapshot: status" $rc 4
sed 's/"tmdb_id": 1/"tmdb_id": 9/' "$dir/backup_latest.json" > "$dir/ch.json"
DATA_DIR=$dir "$init" restore ch.json > "$tap_dir/out" 2>&1 < /dev/null
is "a changed archive without --yes: status" $? 1
head -c 3000 "$dir/backup_latest.json" > "$dir/cut.json"
restore cut.json
is "a cut archive: status" $rc 4
like "a cut archive: the place" "$(cat "$tap_dir/err")" 'line [0-9]+'
echo nonsense > "$dir/not.json"
restore not.json
is "no archive at all: status" $rc 4
restore --user nobody backup_latest.json
like "an unknown user: message" "$(cat "$tap_dir/err")" '"nobody"'
is "nothing changed" "$(sha256sum "$dir/dev.db")" "$before"
echo '{"movies":[{"title":"A","tmdb_id":1}]}' > "$dir/bare.json"
restore bare.json
is "lists without a name need one: status" $rc 1
restore --user anna bare.json
is "with a name they come: status" $rc 0
is "they are that user's" "$(q "SELECT username FROM User JOIN UserMedia um ON
um.userId = User.id ORDER BY um.id DESC LIMIT 1")" anna

done_testing
