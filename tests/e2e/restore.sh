#!/bin/bash
# Without these tests an archive could be written that does not come back.
# shellcheck disable=SC2154,SC2016,SC2317,SC2015 # from the library; for eval and sh -c; called by wait_for; || only counts
cd "$(dirname "$0")/../.." || exit 1
. tests/lib.sh
init=$PWD/$build/jair-init

fresh() {
	dir=$tap_dir/$1
	mkdir "$dir"
	[ $# -lt 2 ] || cp "tests/fixtures/db/$2.db" "$dir/dev.db"
	DATA_DIR=$dir "$init" > "$tap_dir/log" 2>&1
}
jair() { DATA_DIR=$dir "$init" "$@"; }
# What two exports of equal content may differ in.
content() { grep -vE '^  "exported_at"|"isConfigured"|"file_sha256"' "$1"; }
digest() { jq -r .integrity.content_sha256 "$dir/backup_latest.json"; }

# What docs/format.md says is enough to find both digests.
awk '/^```js/ { on = 1; next } /^```/ { on = 0 } on' docs/format.md \
    > "$tap_dir/digests.js"

for name in v2.0.3-small v2.2.0-upgraded v2.3.7-upgraded v2.8.10-small \
    v2.8.10-medium; do
	fresh "from-$name" "$name"
	archive=$dir/backup_latest.json
	fresh "to-$name"
	ok "$name: restore" jair restore --replace --config --yes "$archive"
	ok "$name: backup" jair backup
	is "$name: the same bytes come out" \
	    "$(content "$dir/backup_latest.json" | sha256sum)" \
	    "$(content "$archive" | sha256sum)"
	is "$name: the program in docs/format.md finds the same digests" \
	    "$(node "$tap_dir/digests.js" "$archive")" \
	    "$(jq -r '.integrity | "\(.content_sha256) \(.file_sha256)"' \
	    "$archive")"
	first=$(digest)
	ok "$name: restore again" jair restore --yes "$archive"
	ok "$name: backup again" jair backup
	is "$name: a second restore changes nothing" "$(digest)" "$first"
done

# Every item of every form is accounted for.
for f in tests/fixtures/archives/*.json; do
	name=${f##*/}
	[ -s "$f" ] || continue
	fresh "form-$name"
	ok "$name: restore" eval 'jair restore --json --yes "$f" > "$tap_dir/r"'
	# Lists wherever they stand; of version 1 only the five that count.
	items=$(jq '[.. | objects | (.movies?, .series?, .do_not_recommend?) |
	    arrays | length] | add // 0' < <(jq 'del(.[]?.available_but_unwatched?,
	    .[]?.jellyseerr_available?)' "$f"))
	is "$name: inserted + kept + unresolved + refused" \
	    "$(jq '.total | .inserted + .kept + .unresolved + .refused' \
	    "$tap_dir/r")" "$items"
	# As an editor on Windows would save it.
	{
		printf '\xef\xbb\xbf'
		sed 's/$/\r/' "$f"
	} > "$tap_dir/windows.json"
	fresh "windows-$name"
	ok "$name, saved on Windows: restore" eval \
	    'jair restore --json --yes "$tap_dir/windows.json" > "$tap_dir/w"'
	is "$name, saved on Windows: the same" "$(jq -c .total "$tap_dir/w")" \
	    "$(jq -c .total "$tap_dir/r")"
done

fresh live v2.8.10-small
archive=$tap_dir/from-v2.0.3-small/backup_latest.json
before=$(sha256sum "$dir/dev.db")
files=$(ls "$dir")
ok "--dry-run" eval 'jair restore --dry-run "$archive" > "$tap_dir/out"'
is "--dry-run writes nothing" "$(sha256sum "$dir/dev.db")" "$before"
is "--dry-run leaves nothing" "$(ls "$dir")" "$files"
start=$(digest)
ok "restore one user" jair restore --user jesse --replace --yes "$archive"
jair backup > "$tap_dir/out"
not_ok "it changed something" test "$(digest)" = "$start"
jair diff --json "$archive" dev.db > "$tap_dir/out"
is "diff: status" $? 0
is "diff: names all who differ, but not who was restored" \
    "$(jq -c '[.equal, (.users | length), any(.users[]; .username == "jesse")]' \
    "$tap_dir/out")" '[false,2,false]'
ok "undo" jair restore --undo --yes
jair backup > "$tap_dir/out"
is "undo brings all of it back" "$(digest)" "$start"

sed 's/"The Matrix"/"The Matrices"/' "$archive" > "$tap_dir/changed.json"
jair restore "$tap_dir/changed.json" < /dev/null 2> "$tap_dir/err"
is "a changed archive needs --yes" $? 1
like "and says so" "$(cat "$tap_dir/err")" 'changed since it was written'
head -c 5000 "$archive" > "$tap_dir/cut.json"
before=$(sha256sum "$dir/dev.db")
jair restore --yes "$tap_dir/cut.json" 2> "$tap_dir/err"
is "a cut archive: status" $? 4
like "a cut archive: place" "$(cat "$tap_dir/err")" 'line [0-9]+.*Nothing was changed'
is "a cut archive changes nothing" "$(sha256sum "$dir/dev.db")" "$before"
JAIR_RESTORE_MAX=1000 jair verify "$archive" 2> "$tap_dir/err"
is "an archive beyond JAIR_RESTORE_MAX: status" $? 2
like "and the message names the setting" "$(cat "$tap_dir/err")" JAIR_RESTORE_MAX
jair restore --user nobody --yes "$archive" 2> "$tap_dir/err"
is "an unknown user: status" $? 2

# On a terminal it tells how far it is, and asks before a doubtful step.
terminal() {
	DATA_DIR=$dir script -qec "$init restore $*" /dev/null 2>&1
}
like "progress on a terminal" \
    "$(terminal --dry-run "$tap_dir/from-v2.8.10-medium/backup_latest.json")" \
    'Reading: [0-9]+ of 5000 items'
before=$(sha256sum "$dir/dev.db")
like "a changed archive is asked for" \
    "$(echo n | terminal "$tap_dir/changed.json")" \
    'changed since it was written.*Go on.*Nothing was changed'
is "no means no" "$(sha256sum "$dir/dev.db")" "$before"
like "yes means yes" "$(echo y | terminal "$tap_dir/changed.json")" \
    'Restored from.*restore --undo'

# What is no file of ours at all: refused at once, nothing changed.
before=$(sha256sum "$dir/dev.db")
mkfifo "$tap_dir/fifo"
mkdir "$tap_dir/folder"
ln -s "$archive" "$tap_dir/link"
echo more | cat "$archive" - > "$tap_dir/longer.json"
cat "$archive" "$archive" > "$tap_dir/two.json"
gzip -c "$archive" > "$tap_dir/packed.json"
: > "$tap_dir/empty.json"
sqlite3 "$tap_dir/foreign.db" 'CREATE TABLE moz_places (url TEXT)'
for f in "$tap_dir"/{fifo,folder,link,longer.json,two.json,packed.json} \
    "$tap_dir"/{empty.json,foreign.db} /dev/zero /dev/null; do
	for verb in restore verify diff; do
		args=()
		[ $verb = restore ] && args=(--yes)
		[ $verb = diff ] && args=("$archive")
		DATA_DIR=$dir timeout 20 "$init" $verb "${args[@]}" "$f" \
		    > "$tap_dir/out" 2> "$tap_dir/err"
		status=$?
		ok "$verb ${f##*/}: refused" test $status -ge 1 -a $status -le 4
		is "$verb ${f##*/}: one sentence" \
		    "$(grep -c . "$tap_dir/err")" 1
	done
done
is "and nothing changed" "$(sha256sum "$dir/dev.db")" "$before"

# The original's configuration too; the house is whole after it.
fresh config
ok "an archive of the original, with its configuration" \
    jair restore --config --yes tests/fixtures/archives/v2.0.3-small.json
ok "and another command after it" jair backup
jair restore --dry-run --config tests/fixtures/archives/v2.0.3-small.json \
    > "$tap_dir/out"
like "--dry-run --config: not yet" "$(cat "$tap_dir/out")" \
    'would be restored.*--dry-run'
jair restore --dry-run --config tests/fixtures/archives/v1-strings-database.json \
    > "$tap_dir/out"
like "--config of an archive without one says so" "$(cat "$tap_dir/out")" \
    'holds no configuration; the present one stays'
printf '{"users":[{"username":"a\\u001b[2Jb\\u0000c","data":{}}]}' \
    > "$tap_dir/odd.json"
ok "a name with control characters" eval \
    'jair restore --yes "$tap_dir/odd.json" > "$tap_dir/out"'
not_ok "none reaches the terminal" grep -q "$(printf '\033')" "$tap_dir/out"
is "--json tells the whole name" "$(jair restore --json --yes \
    "$tap_dir/odd.json" | jq -c '.users[0].username')" '"a\u001b[2Jb\u0000c"'
mkdir "$tap_dir/nothing"
DATA_DIR=$tap_dir/nothing "$init" restore --yes "$archive" 2> "$tap_dir/err"
is "without a database: status" $? 2
like "without a database: what to do" "$(cat "$tap_dir/err")" 'Start jair once'

# Whole snapshots.
dir=$tap_dir/live
sqlite3 "$dir/dev.db" 'DELETE FROM UserMedia'
# Journals that are not the snapshot's own would be mixed into it.
cp "$dir/dev.db" "$tap_dir/other.db"
sqlite3 "$tap_dir/other.db" 'PRAGMA journal_mode=WAL' \
    'PRAGMA wal_autocheckpoint=0' 'DELETE FROM User' \
    ".shell cp $tap_dir/other.db-wal $dir/dev.db.backup_startup-wal" > "$tap_dir/out"
ok "a strange -wal lies beside the snapshot" \
    test -s "$dir/dev.db.backup_startup-wal"
ok "restore a snapshot" jair restore dev.db.backup_startup --yes
is "none of the strange -wal came" \
    "$(sqlite3 "$dir/dev.db" 'SELECT count(*) FROM User')" 3
ok "verify leaves it out too" jair verify dev.db.backup_startup
head -c 20000 "$dir/dev.db.backup_startup" > "$dir/half.db"
jair restore half.db --yes 2> "$tap_dir/err"
is "half a snapshot: status" $? 4
like "half a snapshot: message" "$(cat "$tap_dir/err")" \
    'half.db is damaged.*Nothing was changed'
is "its rows are back" "$(sqlite3 "$dir/dev.db" \
    'SELECT count(*) FROM UserMedia')" 71
ok "a boot after it" jair
(flock -s 9 && exec sleep 60) 9> "$dir/.jair.serving" &
holder=$!
started "$holder"
held() { ! flock -n "$dir/.jair.serving" true; }
wait_for 10 held
jair restore dev.db.backup_startup --yes 2> "$tap_dir/err"
is "while jair-api serves: status" $? 5
like "while jair-api serves: message" "$(cat "$tap_dir/err")" 'Stop jair-api'
kill "$holder"
unlocked() { flock -n "$dir/.jair.serving" true; }
wait_for 10 unlocked
head -c 20000 /dev/urandom > "$dir/dev.db"
ok "over a damaged database" jair restore dev.db.backup_startup --yes
is "its rows are back too" "$(sqlite3 "$dir/dev.db" \
    'SELECT count(*) FROM UserMedia')" 71
ok "the damaged one is kept" test -n "$(find "$dir/quarantine" -name dev.db)"
done_testing
