#!/bin/bash
# Without this test a household could not be brought back on a new server: the
# setup with a backup, the logins that claim it, the sync after a total loss,
# export and import, through the real web server and the real workers.
# shellcheck disable=SC2154,SC2317 # from the libraries; called by wait_for
cd "$(dirname "$0")/../.." || exit 1
. tests/lib.sh
. tests/lib-http.sh
seerr_key=canary-seerr-key-0123456789
gemini_key=canary-gemini-key-0123456789

ok "a Jellyfin" mock jellyfin
ok "a Seerr" mock seerr "{\"key\":\"$seerr_key\"}"
ok "a Gemini" mock gemini "{\"key\":\"$gemini_key\"}"
export GEMINI_BASE_URL=$gemini_url JELLYFIN_URL=http://from-environment:8096
make_data
ok "jair-api starts" start_api
ok "nginx starts" start_nginx

# job ID COOKIE: wait for its end; its answer is the last body.
job_ended() {
	get "/api/jobs/$1" -b "$2"
	case $(field state) in done | failed) return 0 ;; esac
	return 1
}
job() {
	wait_for 30 job_ended "$1" "$2"
}
# What the setup begins with.
get /api/system/setup-defaults
is "the environment is offered" "$status $(field jellyfinUrl)" \
    "200 http://from-environment:8096"
is "what nobody knows is null" "$(field geminiApiKey)" null

# The three services.
services="\"jellyfinUrl\":\"$jellyfin_url/web/index.html#!/home\",
\"jellyseerrUrl\":\"$seerr_url/\",\"jellyseerrApiKey\":\"$seerr_key\",
\"geminiApiKey\":\" $gemini_key\n\",\"geminiModel\":\"gemini-2.5-flash\""
post /api/system/verify "{$services}"
is "all three are good" \
    "$status $(jq -c '[.jellyfin.ok, .jellyseerr.ok, .gemini.ok]' \
    "$tap_dir/body")" "200 [true,true,true]"
like "Jellyfin says who it is" "$(field jellyfin.version)" '^10\.'
post /api/system/verify "{\"jellyfinUrl\":\"$jellyfin_url\",
    \"jellyseerrUrl\":\"$seerr_url\",\"jellyseerrApiKey\":\"wrong\"}"
is "a wrong key is told, what is not given is not tested" \
    "$(jq -c '[.jellyfin.ok, .jellyseerr.ok, .gemini]' "$tap_dir/body")" \
    '[true,false,null]'
like "in a sentence" "$(field jellyseerr.message)" 'refused the API key'
post /api/system/verify '{"jellyfinUrl":"http://a b"}'
is "an address that is none" "$status $(field code) $(field field)" \
    "422 bad_address jellyfinUrl"
post /api/system/verify '{"jellyfinUrl":"http://169.254.169.254/"}'
is "no cloud's metadata" "$status $(field jellyfin.ok)" "200 false"

# The backup of an old server.
printf '{"version": "2.0.3", "users": [' >"$tap_dir/broken.json"
get /api/system/restore -X POST -H "$octets" \
    --data-binary "@$tap_dir/broken.json"
is "an upload is taken" "$status $(field state)" "202 checking"
ok "and checked" wait_for 20 checked
is "a broken one is refused" "$(field state)" failed
like "with its place" "$(field error)" 'line 1, column 32'
get /api/system/restore -X POST -H "$octets" \
    --data-binary @tests/fixtures/archives/v2.0.3-small.json
is "the next one is taken" "$status" 202
ok "it is checked" wait_for 20 checked
is "and ready" "$(field state) $(field preview.format)" "ready archive"
is "everyone is in the preview" "$(jq '.preview.users | length' \
    "$tap_dir/body")" 3
people=$(jq -r '.preview.users[].username' "$tap_dir/body")
get /api/system/status
is "the status tells of it" "$(field staged) $(field configured)" "true false"
get /api/system/setup-defaults
like "its key is masked" "$(field jellyseerrApiKey)" '^\*+.{0,4}$'
kept=$(field jellyseerrApiKey)
post /api/system/verify "{\"jellyfinUrl\":\"$jellyfin_url\",
    \"jellyseerrUrl\":\"$seerr_url\",\"jellyseerrApiKey\":\"$kept\"}"
is "it does not go to another address" \
    "$status $(field code) $(field field)" "422 key_moved jellyseerrApiKey"
post /api/system/verify "{\"jellyfinUrl\":\"$jellyfin_url\",
    \"jellyseerrUrl\":\"$seerr_url\",\"jellyseerrApiKey\":\"$kept\",
    \"reuseKey\":[\"jellyseerr\"]}"
is "nor because someone at this machine says so" "$status" 422

# A later upload that is no good takes its place all the same.
post /api/system/restore '{"broken'
ok "a broken one after it is checked" wait_for 20 checked
is "and refused" "$(field state)" failed
post /api/system/setup "{\"jellyfinUrl\":\"$jellyfin_url\",\"restore\":true}"
is "the former is not restored in its stead" "$status $(field code)" \
    "409 nothing_staged"
post /api/system/restore @tests/fixtures/archives/v2.0.3-small.json
ok "a good one again" wait_for 20 checked
restore_id=$(field preview.id)
post /api/system/setup "{\"jellyfinUrl\":\"$jellyfin_url\",\"restore\":true,
    \"restoreId\":$((restore_id + 1))}"
is "another one than was looked at is not restored" "$status $(field code)" \
    "409 nothing_staged"
get /api/system/status
is "none of them has set anything up" "$(field configured)" false

# The setup.  Seerr is left for later, whatever the backup says.
services="\"jellyfinUrl\":\"$jellyfin_url/\",\"jellyseerrUrl\":\"\",
\"jellyseerrApiKey\":\"\",\"geminiApiKey\":\" $gemini_key\n\",
\"geminiModel\":\"gemini-2.5-flash\""
post /api/system/setup "{$services,\"restore\":\"yes\"}"
is "restore is true or false" "$status $(field field)" "422 restore"
post /api/system/setup '{"jellyfinUrl":"","restore":true}'
is "Jellyfin may not be missing" "$status $(field field)" "422 jellyfinUrl"
before=$(query 'SELECT count(*) FROM StagedUser')
services+=",\"restoreId\":$restore_id"
post /api/system/setup "{$services,\"restore\":true}" -o "$tap_dir/first" &
first=$!
post /api/system/setup "{$services,\"restore\":true}"
second=$status
wait $first
is "nobody waited before" "$before" 0
like "of two at once one may lose, none fails" "$second" '^(200|409|401)$'
get /api/system/status
is "it is configured" "$(field configured)" true
is "the address is clean, the key trimmed, what was left out is not there" \
    "$(query "SELECT jellyfinUrl, geminiApiKey, isConfigured, jellyseerrUrl,
    jellyseerrApiKey FROM SystemConfig")" "$jellyfin_url|$gemini_key|1||"
is "everyone waits" "$(query 'SELECT count(*) FROM StagedUser
    WHERE state = '\''pending'\''')" 3
post /api/system/setup "{$services}"
is "the setup is closed" "$status" 401
get /api/system/restore -X POST -H "$octets" --data-binary '{}'
is "so is the restore" "$status" 401

# Logins.
# after_wait COMMAND...: when it has to wait, wait as long as the server says.
after_wait() {
	local seconds
	"$@" && return
	[ "$status" = 429 ] || return
	seconds=$(tr -d '\r' <<<"$headers" | sed -n 's/^Retry-After: //p')
	sleep "${seconds:-2}"
	return 1
}
# Three times, so that the wait is longer than a busy machine takes.
wrong() {
	post /api/auth/login '{"username":"jesse","password":"wrong"}'
	[ "$status $(field code)" = "401 login_failed" ]
}
ok "a wrong password" wrong
ok "and again" wait_for 10 after_wait wrong
ok "and again" wait_for 10 after_wait wrong
post /api/auth/login '{"username":"jesse","password":"jesse-pw"}'
is "the next try waits" "$status $(field code)" "429 too_many_attempts"
like "for a while" "$headers" 'Retry-After: [1-4]'
sleeps() {
	post /api/auth/login '{"username":"jesse","password":"jesse-pw"}' \
	    -c "$tap_dir/jesse"
	[ "$status" = 200 ]
}
ok "the right one" wait_for 20 after_wait sleeps
is "who it is" "$(field user.name) $(field isAdmin)" "jesse true"
like "no script may read the cookie" "$headers" 'HttpOnly; SameSite=Strict'
claim=$(field restore.jobId)
ok "the claim ends" job "$claim" "$tap_dir/jesse"
is "well" "$(field state)" "done"
inserted=$(field result.inserted)
is "everything came" "$(query "SELECT count(*) FROM UserMedia m JOIN User u
    ON u.id = m.userId WHERE u.username = 'jesse'")" "$inserted"
ok "it is something" test "$inserted" -gt 0
get /api/auth/me -b "$tap_dir/jesse"
is "who one is, and where" "$status $(field user.name) $(field serverUrl)" \
    "200 jesse $jellyfin_url"
get "/api/jobs/$claim" -b "jair_session=0"
is "a job is its owner's" "$status" 401
sleeps
is "a second login has nothing to claim" "$(field restore)" null
is "two people still wait" "$(query "SELECT count(*) FROM StagedUser
    WHERE state = 'pending'")" 2
diag "people: $(echo "$people" | tr '\n' ' ')"

# After a total loss: what Jellyfin knows.
get /api/sync/jellyfin -X POST -b "$tap_dir/jesse" -H "$json"
is "a sync begins" "$status" 202
ok "it ends" job "$(field jobId)" "$tap_dir/jesse"
is "with counts" "$(jq -c '[.state, .result.total, .result.skipped,
    .result.failed]' "$tap_dir/body")" '["done",5,1,0]'
is "what was skipped is named" "$(field 'result.skippedItems[].title')" \
    "Home video"
get /api/sync/jellyfin -X POST -b "$tap_dir/jesse" -H "$json"
ok "again" job "$(field jobId)" "$tap_dir/jesse"
is "nothing is new" "$(field result.new)" 0
is "played episodes count their series" "$(query "SELECT count(*) FROM
    UserMedia m JOIN Media d ON d.id = m.mediaId WHERE d.tmdbId = 95396
    AND d.mediaType = 'tv' AND m.status = 'WATCHED'")" 1
lie "$jellyfin_url" '{"lie":"login-page","at":"/Items"}'
get /api/sync/jellyfin -X POST -b "$tap_dir/jesse" -H "$json"
ok "a sync with a lying Jellyfin ends" job "$(field jobId)" "$tap_dir/jesse"
is "and fails" "$(field state)" failed
like "with a sentence about Jellyfin" "$(field error)" 'Jellyfin'
lie "$jellyfin_url" '[]'

# Out and in again.
get /api/settings/export -b "$tap_dir/jesse"
is "an export" "$status $(jq -r '.users | length' "$tap_dir/body")" "200 1"
like "is a file" "$headers" 'Content-Disposition: attachment'
is "without the household's keys" "$(field system_config)" null
cp "$tap_dir/body" "$tap_dir/own.json"
verifies() {
	DATA_DIR=$data "$build/jair-init" verify "$1" >"$tap_dir/verify.log" 2>&1
}
ok "that verifies" verifies "$tap_dir/own.json"
mine=$(query "SELECT count(*) FROM UserMedia WHERE userId =
    (SELECT id FROM User WHERE username = 'jesse')")
query "DELETE FROM UserMedia WHERE userId =
    (SELECT id FROM User WHERE username = 'jesse')"
get /api/settings/import -X POST -b "$tap_dir/jesse" -H "$octets" \
    --data-binary "@$tap_dir/own.json"
is "an import begins" "$status" 202
ok "it ends" job "$(field jobId)" "$tap_dir/jesse"
is "and brings all of it" "$(field state) $(field result.inserted)" \
    "done $mine"
get '/api/settings/export?all=1' -b "$tap_dir/jesse"
is "an administrator exports everyone, also who waits" \
    "$status $(jq -r '.users | length' "$tap_dir/body")" "200 3"
patient post /api/auth/login '{"username":"MÄKINEN","password":"sana \"+%\\ é"}' \
    -c "$tap_dir/makinen"
is "another user, in another case" "$status $(field isAdmin)" "200 false"
get '/api/settings/export?all=1' -b "$tap_dir/makinen"
is "who may not" "$status $(field code)" "403 admin_required"
get /api/system/config-editor -b "$tap_dir/makinen"
is "nor see the settings" "$status" 403

# The settings.
get /api/system/config-editor -b "$tap_dir/jesse"
is "keys are masked" "$(field geminiApiKey)" "********6789"
is "what was left out is not said to be saved, while people still wait" \
    "$(field jellyseerrUrl) $(field jellyseerrApiKey)" "null null"
get /api/system/config-editor -X PUT -H "$json" -b "$tap_dir/jesse" -d "{
    \"jellyfinUrl\":\"$jellyfin_url\",\"jellyseerrUrl\":\"$seerr_url\",
    \"jellyseerrApiKey\":\"$seerr_key\",\"geminiApiKey\":\"a-new-key-9876\",
    \"geminiModel\":\"gemini-2.5-pro\"}"
is "a key is changed" "$status" 200
get /api/system/config-editor -X PUT -H "$json" -b "$tap_dir/jesse" -d "{
    \"jellyseerrApiKey\":\"********6789\"}"
is "its mask stands for it" "$status" 200
is "and the rest is kept" "$(query 'SELECT geminiApiKey, jellyseerrApiKey,
    geminiModel FROM SystemConfig')" \
    "a-new-key-9876|$seerr_key|gemini-2.5-pro"
get /api/system/config-editor -X PUT -H "$json" -b "$tap_dir/jesse" -d "{
    \"jellyseerrUrl\":\"http://127.0.0.1:1\",
    \"jellyseerrApiKey\":\"********6789\"}"
is "a kept key does not move by itself" "$status $(field code)" \
    "422 key_moved"
get /api/system/config-editor -X PUT -H "$json" -b "$tap_dir/jesse" -d "{
    \"jellyseerrUrl\":\"http://127.0.0.1:1\",
    \"jellyseerrApiKey\":\"********6789\",\"reuseKey\":[\"jellyseerr\"]}"
is "but when an administrator says so" "$status" 200

# Another server at the same address.
lie "$jellyfin_url" '[]'
curl -s --noproxy '*' -o /dev/null -d '{"id":"0123456789abcdef"}' \
    "$jellyfin_url/__mock/state"
curl -s --noproxy '*' -o /dev/null -d '[]' "$jellyfin_url/__mock/lie"
for path in verify config-editor; do
	get /api/system/$path -X "$([ $path = verify ] && echo POST || echo PUT)" \
	    -H "$json" -b "$tap_dir/jesse" -d '{"jellyseerrUrl":""}'
	is "$path: says that it is another one" "$status $(field code) $(field \
	    jellyfin.otherServer)" "$([ $path = verify ] && echo 200 null true ||
		echo 409 jellyfin_changed null)"
done
is "and saves nothing" "$(query 'SELECT jellyfinServerId, jellyseerrUrl FROM
    SystemConfig')" '7d2f1f0c9b4e4a53a1c6f9f0e6c8b1aa|http://127.0.0.1:1'
patient post /api/auth/login "{\"username\":\"O'Brien\",\"password\":\"\"}"
is "gets no password" "$status $(field code)" "502 jellyfin_changed"
not_ok "not one" grep -q "O'Brien" <(curl -s --noproxy '*' \
    "$jellyfin_url/__mock/requests")

get /api/system/config-editor -X PUT -H "$json" -b "$tap_dir/jesse" \
    -d '{"newServer":true}'
is "until an administrator says that it is theirs" "$status $(query 'SELECT
    jellyfinServerId FROM SystemConfig')" '200 0123456789abcdef'

# Logout.
get /api/auth/logout -X POST -H "$json" -b "$tap_dir/jesse"
is "a logout" "$status" 200
get /api/auth/me -b "$tap_dir/jesse"
is "is one" "$status" 401

# A Jellyfin in a folder: the address that works is kept.
curl -s --noproxy '*' -o /dev/null -d '{"path":"/jellyfin"}' \
    "$jellyfin_url/__mock/state"
query 'UPDATE SystemConfig SET isConfigured = 0'
post /api/system/setup "{$services}"
is "the setup finds it" "$status $(query 'SELECT jellyfinUrl FROM
    SystemConfig')" "200 $jellyfin_url/jellyfin"

# And when Jellyfin did not answer in the setup: at the first login.
query "UPDATE SystemConfig SET jellyfinUrl = '$jellyfin_url'"
again() {
	post /api/auth/login '{"username":"jesse","password":"jesse-pw"}' \
	    -c "$tap_dir/jesse"
	[ "$status" = 200 ]
}
ok "a login finds it" wait_for 20 after_wait again
is "and it is kept" "$(query 'SELECT jellyfinUrl FROM SystemConfig')" \
    "$jellyfin_url/jellyfin"
get /api/sync/jellyfin -X POST -b "$tap_dir/jesse" -H "$json"
ok "so that a sync" job "$(field jobId)" "$tap_dir/jesse"
is "finds it too" "$(field state) $(field error)" "done null"

not_ok "no key in any log" grep -rqE 'canary-|a-new-key|jesse-pw|wrong"' \
    "$tap_dir/api.log" "$run"
is "every file is its owner's alone" \
    "$(find "$data" -type f ! -perm 600 ! -name .jair.boot)" ''
is "no upload stays" "$(find "$data" -name 'upload_*' | wc -l)" 1
done_testing
