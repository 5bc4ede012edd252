#!/bin/bash
# Without this test a household whose database is gone could not see in the
# setup that its backups are still there, not begin with one, or lose it.
# shellcheck disable=SC2154,SC2317 # from the libraries; called by wait_for
cd "$(dirname "$0")/../.." || exit 1
. tests/lib.sh
. tests/lib-http.sh

boot() {
	DATA_DIR=$data "$build/jair-init" >"$tap_dir/boot.log" 2>&1
}
# again: stop the server, boot, start it.
again() {
	kill "$api_pid"
	ended "$api_pid" 20
	boot && start_api
}
# The archives and what they hold.
backups() {
	(cd "$data" && find . -name 'backup_*' -type f -printf '%f %i %m %T@\n' \
	    -exec sha256sum {} \; | sort)
}
from() { # NAME, encoded as it has to be [CURL-ARG...]
	local name=$1
	shift
	get "/api/system/restore?from=$name" -X POST -H "$json" "$@"
}
refused() { # NAME STATUS CODE TITLE
	from "$1"
	is "$4" "$status $(field code)" "$2 $3"
	like "$4: in a sentence" "$(field error)" '^[A-Z].*\.$'
}
uploads() { find "$data" -name 'upload_*' | wc -l; }

# A new server has nothing to offer: its own first archive is of nobody.
boot || tap_fail "a boot"
start_api || tap_fail "jair-api starts"
start_nginx || tap_fail "nginx starts"
get /api/system/setup-defaults
is "a new server has no backups to begin with" "$status $(field \
    'backups | length')" "200 0"
ok "though it wrote one" test -e "$data/backup_latest.json"

# A household, its backups, and then no database.
kill "$api_pid"
ended "$api_pid" 20
rm -f "$data"/backup_* "$data"/dev.db*
cp tests/fixtures/db/v2.8.10-small.db "$data/dev.db"
boot || tap_fail "a boot of a household"
DATA_DIR=$data "$build/jair-init" backup >/dev/null
start_api
get /api/system/setup-defaults
is "while it is there, its list is nobody's" "$status" 401
query 'UPDATE SystemConfig SET isConfigured = 0'
get /api/system/setup-defaults
is "a setup that was opened again with its lists has none" \
    "$status $(field 'backups | length')" "200 0"
rm -f "$data"/dev.db*
before=$(backups)
is "there are three archives" "$(grep -c '^backup_' <<<"$before")" 3
ok "a boot without the database" again
get /api/system/setup-defaults
is "the backups are offered" "$status $(field 'backups | length')" "200 3"
is "with name, time and size" "$(field 'backups[0] | keys | join(" ")')" \
    "at bytes name"
is "the newest first" "$(jq '[.backups[].at] | . == (sort | reverse)' \
    "$tap_dir/body")" true
is "as large as it is" "$(field 'backups[0].bytes')" \
    "$(stat -c %s "$data/$(field 'backups[0].name')")"
ok "a later boot" again
get /api/system/setup-defaults
is "does not put archives of nobody before them" \
    "$(jq '[.backups[] | select(.bytes < 1000)] | length' "$tap_dir/body") \
$(field 'backups | length')" "0 3"
newest=$(field 'backups[0].name')
for n in 1 2 3 4 5 6 7 8; do
	cp -p "$data/$newest" "$data/backup_2025-01-0${n}T10-30-00.json"
done
get /api/system/setup-defaults
is "not more than a handful" "$(field 'backups | length')" 6
is "and the newest are shown" "$(field 'backups[0].name') $(field \
    'backups[5].at')" "$newest 2025-01-06T10:30:00.000Z"
rm "$data"/backup_2025-01-0[1-7]*

# What is none of ours, or not there.
ln -s dev.db "$data/backup_2025-01-01T10-30-00.json"
mkdir "$data/backup_2025-01-02T10-30-00.json"
ln -s "$PWD/tests/fixtures/archives/v2.0.3-small.json" \
    "$data/backup_2025-01-03T10-30-00.json"
touch "$data/mine.json"
all=$(find "$data" -printf '%P %s %l\n' | grep -v '^\.jair' | sort)
refused mine.json 422 bad_field "a name that is not ours"
is "it names the field" "$(field field)" from
refused dev.db 422 bad_field "the database"
refused dev.db.backup_startup 422 bad_field "a snapshot"
refused setup_code 422 bad_field "the setup code"
refused "..%2fdata%2f$newest" 422 bad_field "a path"
refused "../data/$newest" 422 bad_field "a path as it is"
refused "%2fetc%2fpasswd" 422 bad_field "a path from the root"
refused "$newest%00.json" 422 bad_field "a NUL in the name"
refused "" 422 bad_field "no name"
refused "$(printf '%0300d' 0)" 422 bad_field "a very long name"
refused backup_2024-01-01T10-30-00.json 404 backup_missing "one that is gone"
refused backup_2025-01-01T10-30-00.json 404 backup_missing "a link"
refused backup_2025-01-02T10-30-00.json 404 backup_missing "a folder"
refused backup_2025-01-03T10-30-00.json 404 backup_missing "a link to one"
patient from "$newest" -d '{"users":[]}'
is "not with a file beside it" "$status $(field code)" "400 bad_request"
patient from "$newest" -H 'Transfer-Encoding: chunked' -d '{"users":[]}'
is "nor with one of unknown length" "$status $(field code)" "400 bad_request"
patient from "$newest" -H 'Host: jair.example'
is "not without the setup code" "$status $(field code)" \
    "403 setup_code_required"
patient from "$newest" -H 'X-Setup-Code: 0123' -H 'Host: jair.example'
is "nor with a wrong one" "$status $(field code)" "403 setup_code_wrong"
get /api/system/setup-defaults -H 'Host: jair.example'
is "nor are they told" "$status $(field code)" "403 setup_code_required"
patient from "$newest" -H 'Origin: http://evil.example'
is "not from another site" "$status $(field code)" "403 cross_site"
is "nothing was touched by that" "$(find "$data" -printf '%P %s %l\n' |
    grep -v '^\.jair' | sort)" "$all"
get /api/system/restore
is "and nothing is checked" "$(field state)" none

# One at a time, as with uploads.
exec 7>"$data/.jair.upload"
flock 7
patient_busy() {
	from "$newest"
	[ "$status" = 429 ]
}
ok "not while an upload is received" wait_for 10 patient_busy
exec 7>&-

# A good one, with the code, from elsewhere.
patient from "$newest" -H 'Host: jair.example' \
    -H "X-Setup-Code: $(cat "$data/setup_code")"
is "one of ours is taken" "$status $(field state)" "202 checking"
first=$(field id)
ok "and checked" wait_for 20 checked
is "it is ready" "$(field state) $(field preview.id)" "ready $first"
is "with everyone" "$(field 'preview.users | length')" 3
is "as an upload of its own" "$(uploads)" 1
rm -r "$data"/backup_2025-01-0[123]* "$data/backup_2025-01-08T10-30-00.json"
is "each backup is as it was" "$(grep -Ff <(cut -d' ' -f1 <<<"$before") \
    <(backups))" "$before"

# A broken one is told, and the next one can be taken.
head -c 30000 "$data/$newest" >"$data/backup_2026-01-05T10-30-00.json"
patient from backup_2026-01-05T10-30-00.json
is "a broken one is taken" "$status" 202
ok "and checked" wait_for 20 checked
is "and refused" "$(field state)" failed
like "with its place" "$(field error)" 'line [0-9]+'
ok "it still lies there" test -s "$data/backup_2026-01-05T10-30-00.json"
patient from backup_latest.json
ok "then the latest" wait_for 20 checked
is "is ready" "$(field state)" ready
get /api/system/restore -X DELETE
is "it is forgotten" "$status $(uploads)" "200 0"
ok "its backup is not" test -s "$data/backup_latest.json"
patient from backup_latest.json
ok "it can be taken again" wait_for 20 checked
ok "a Jellyfin" mock jellyfin
patient post /api/system/setup \
    "{\"jellyfinUrl\":\"$jellyfin_url\",\"restore\":true}"
is "the setup brings it back" "$status $(query 'SELECT count(*) FROM StagedUser
    WHERE state = '\''pending'\''')" "200 3"
patient from backup_latest.json
is "then it is the administrators'" "$status" 401
is "each backup is as it was at the end" "$(grep -Ff \
    <(cut -d' ' -f1 <<<"$before") <(backups))" "$before"

# As large as an upload may be.
kill "$api_pid"
ended "$api_pid" 20
rm -f "$data"/dev.db* "$data"/upload_* "$data"/backup_2026-01-05T*
export JAIR_RESTORE_MAX=20000
boot
start_api
patient from backup_latest.json
is "not larger than an upload" "$status $(field code)" "413 too_large"
like "and the limit named" "$(field error)" '20000 bytes'
is "nothing of it is left" "$(uploads)" 0
ok "no sanitizer has complained" clean_log
done_testing
