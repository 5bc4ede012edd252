#!/bin/bash
# Without these tests a health check could praise backups that nobody makes.
# shellcheck disable=SC2154 # from the library
cd "$(dirname "$0")/../.." || exit 1
. tests/lib.sh
init=$PWD/$build/jair-init
dir=$tap_dir/data
mkdir "$dir"

jair() { DATA_DIR=$dir "$init" "$@"; }
q() { sqlite3 "$dir/dev.db" "$1"; }
# status [NAME=VALUE...]: ask; answer in $json and $text, status in $rc.
status() {
	text=$(env DATA_DIR="$dir" "$@" "$init" status 2>&1)
	rc=$?
	json=$(env DATA_DIR="$dir" "$@" "$init" status --json)
}
get() { jq -c "$1" <<< "$json"; }
iso() { date -u -d "$1" +%Y-%m-%dT%H:%M:%S.000Z; }

status
is "before the first start: status" $rc 4
like "before the first start: message" "$text" 'No start has ended here'

cp tests/fixtures/db/v2.8.10-small.db "$dir/dev.db"
jair > /dev/null
jair > /dev/null
status
is "after a start: status" $rc 0
is "after a start: healthy, not overdue, nothing recovered" \
    "$(get '[.healthy, .overdue, .recovered]')" '[true,false,null]'
is "after a start: the last ones are the verified ones" "$(get \
    '.lastSnapshot == .lastVerifiedSnapshot and .lastSnapshot.verified and
    .lastArchive == .lastVerifiedArchive and .lastArchive.verified')" true
like "after a start: the text" "$text" \
'last snapshot  [0-9T:.-]+Z dev.db.backup_startup \([0-9.]+ kB\), verified
last archive   [0-9T:.-]+Z backup_[0-9T-]+.json \([0-9.]+ kB\), verified
healthy$'

# ---- overdue ----------------------------------------------------------------

q "UPDATE BackupRun SET startedAt = '$(iso '9 days ago')'"
status
is "an archive of nine days: status" $rc 4
like "an archive of nine days: message" "$text" \
    'NOT HEALTHY: The newest verified archive is 9 days old .*jair-init backup'
is "an archive of nine days: --json" "$(get '[.healthy, .overdue]')" \
    '[false,true]'
status JAIR_BACKUP_MAX_AGE=10
is "ten days are allowed: status" $rc 0
status JAIR_BACKUP_MAX_AGE=0
is "any age is allowed: status" $rc 0
q "UPDATE BackupRun SET startedAt = '$(iso '30 days')'"
status
is "an archive from the future: status" $rc 4
like "an archive from the future: message" "$text" 'future.*Check the clock'
jair backup > /dev/null
status
is "a new archive heals it" $rc 0

# ---- failures ---------------------------------------------------------------

good=$(get .lastVerifiedArchive)
mv "$dir/backup_latest.json" "$tap_dir/latest"
mkdir -p "$dir/backup_latest.json/x"
jair > /dev/null
status
is "the last archive failed: status" $rc 4
is "the last archive failed: the good one before it" \
    "$(get '.lastArchive.verified')$(get .lastVerifiedArchive)" "false$good"
like "the last archive failed: the text" "$text" 'last archive .*FAILED
  verified .*, verified
NOT HEALTHY: '
rm -r "$dir/backup_latest.json"
jair > /dev/null
status
is "the next start heals it" $rc 0
for f in backup_latest.json dev.db.backup_startup; do
	mv "$dir/$f" "$tap_dir/aside"
	status
	is "$f is missing: status" $rc 4
	like "$f is missing: message" "$text" "NOT HEALTHY: .*/$f is missing"
	mv "$tap_dir/aside" "$dir/$f"
done

# ---- a recovery -------------------------------------------------------------

q "INSERT INTO BackupRun (kind, file, startedAt, ms, verified, error) VALUES
    ('recovery', 'dev.db.backup_startup.1', '$(iso now)', 1, 1,
    'Changes may be missing.')"
sed -i "\$s/.*/$(iso '1 minute ago')/" "$dir/.jair.boot"
status
is "the last start recovered: status" $rc 0
like "the last start recovered: the text" "$text" \
    'recovered .* from dev.db.backup_startup.1. Changes may be missing.'
is "the last start recovered: --json" "$(get .recovered.file)" \
    '"dev.db.backup_startup.1"'
q "UPDATE BackupRun SET file = NULL WHERE kind = 'recovery'"
status
is "the last start had nothing to recover from: status" $rc 4
like "the last start had nothing to recover from: message" "$text" \
    'NOT HEALTHY: Changes may be missing.'
q "UPDATE BackupRun SET startedAt = '$(iso '1 hour ago')'
    WHERE kind = 'recovery'"
status
is "an earlier start recovered: nothing is said" "$(get .recovered)" null

# ---- a database that cannot be read -----------------------------------------

coproc owner { exec sqlite3 "$dir/dev.db" 2>&1; }
echo 'BEGIN EXCLUSIVE; SELECT "locked";' >&"${owner[1]}"
read -r _ <&"${owner[0]}"
status JAIR_BUSY_WAIT=0
is "a locked database: status" $rc 4
like "a locked database: the text" "$text" \
    'last backups   unknown.*NOT HEALTHY: .*another process holds the lock'
is "a locked database: --json" "$(get '[.overdue, .lastArchive]')" \
    '[null,null]'
echo .quit >&"${owner[1]}"
# shellcheck disable=SC2154 # bash sets it
wait "$owner_PID"

head -c 8192 /dev/urandom > "$dir/dev.db"
rm -f "$dir/dev.db-journal"
before=$(sha256sum "$dir"/*)
status
is "no database: status" $rc 4
is "status changes nothing" "$(sha256sum "$dir"/*)" "$before"
done_testing
