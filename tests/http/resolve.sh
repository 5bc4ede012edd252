#!/bin/bash
# Without this test a household of version 1, whose backup knows titles by name
# only, could get lists with holes in them, through the real web server.
# shellcheck disable=SC2154,SC2317 # from the libraries; called by wait_for
cd "$(dirname "$0")/../.." || exit 1
. tests/lib.sh
. tests/lib-http.sh
json='Content-Type: application/json'
octets='Content-Type: application/octet-stream'
key=canary-seerr-key-0123456789

# mock NAME [STATE]: a service; its address in $<name>_url.
mock() {
	node "tests/mock/$1.mjs" --state "${2:-{\}}" \
	    >"$tap_dir/$1.port" 2>"$tap_dir/$1.err" &
	started $!
	wait_for 20 test -s "$tap_dir/$1.port" || return 1
	printf -v "$1_url" 'http://127.0.0.1:%s' "$(cat "$tap_dir/$1.port")"
}
movie() {
	printf '{"id":%s,"mediaType":"movie","title":"%s","releaseDate":"%s"}' \
	    "$1" "$2" "$3"
}
series() {
	printf '{"id":%s,"mediaType":"tv","name":"%s","firstAirDate":"%s"}' \
	    "$1" "$2" "$3"
}
# What the household's file names, but for "Stalker"; "The Thing" twice.
titles="[$(movie 1091 'The Thing' 1982-06-25),$(movie 60935 'The Thing' \
    2011-10-12),$(movie 129 'Spirited Away' 2001-07-20),$(movie 949 Heat \
    1995-12-15),$(movie 536869 Cats 2019-12-19),$(series 1920 'Twin Peaks' \
    1990-04-08),$(series 83867 Andor 2022-09-21)]"
post() {
	local path=$1 text=$2
	shift 2
	get "$path" -X POST -H "$json" -d "$text" "$@"
}
job_ended() {
	get "/api/jobs/$1" -b "$tap_dir/jar"
	case $(field state) in done | failed) return 0 ;; esac
	return 1
}
checked() {
	get /api/system/restore
	[ "$(field state)" != checking ]
}
query() {
	sqlite3 -cmd ".timeout 10000" "$data/dev.db" "$1"
}
export_titles() { # every title of the export, with the list it stands in
	get /api/settings/export -b "$tap_dir/jar"
	jq -c '[.users[0].data | (.movies[]? | "m " + .title),
	    (.series[]? | "s " + .title),
	    (.watchlist.movies[]? | "wm " + .title),
	    (.watchlist.series[]? | "ws " + .title),
	    (.do_not_recommend[]? | "x " + .title),
	    (.unresolved[]? | "? " + .title)] | sort' "$tap_dir/body"
}

users='{"users":[{"id":"11111111111111111111111111111111","name":"bob",'
users+='"password":"bob-pw","admin":true}]}'
ok "a Jellyfin" mock jellyfin "$users"
ok "a Seerr that fails" mock seerr "{\"key\":\"$key\",\"titles\":$titles}"
curl -s --noproxy '*' -o /dev/null -d '{"lie":"status"}' "$seerr_url/__mock/lie"
make_data
ok "jair-api starts" start_api
ok "nginx starts" start_nginx

get /api/system/restore -X POST -H "$octets" \
    --data-binary @tests/fixtures/archives/v1-strings-database.json
ok "the old file is checked" wait_for 20 checked
is "and read" "$(field state) $(field preview.format)" "ready legacy-v1"
is "its titles without an id are counted" \
    "$(jq -c '[.preview.users[].unresolved]' "$tap_dir/body")" '[7,1]'
post /api/system/setup "{\"jellyfinUrl\":\"$jellyfin_url\",
    \"jellyseerrUrl\":\"$seerr_url/\",\"jellyseerrApiKey\":\"$key\",
    \"restore\":true}"
is "the setup is saved" "$status" 200

# The claim brings what can come; a Seerr that fails costs nothing.
post /api/auth/login '{"username":"bob","password":"bob-pw"}' -c "$tap_dir/jar"
is "a login" "$status" 200
claim=$(field restore.jobId)
ok "the claim ends" wait_for 30 job_ended "$claim"
is "with titles that wait" "$(field result.unresolved)" 7
is "each by its name" "$(jq -c '[.result.unresolvedItems[].title] | unique' \
    "$tap_dir/body")" \
    '["Andor","Cats","Spirited Away","Stalker","The Thing","Twin Peaks"]'
resolve=$(field result.resolveJob)
ok "the search ends" wait_for 30 job_ended "$resolve"
is "nothing was found" \
    "$(jq -c '[.state, .type, .result.resolved, .result.left]' \
    "$tap_dir/body")" '["done","resolve",0,7]'
like "with a sentence about Seerr" "$(field 'result.errors[0]')" Seerr
all='["? Andor","? Cats","? Spirited Away","? Stalker","? The Thing",'
all+='"? The Thing","? Twin Peaks"]'
is "and nothing is lost" "$(export_titles)" "$all"
cp "$tap_dir/body" "$tap_dir/before.json"

# A login the same day asks nobody; one later does.
curl -s --noproxy '*' -o /dev/null -d '[]' "$seerr_url/__mock/lie"
post /api/auth/login '{"username":"bob","password":"bob-pw"}' -c "$tap_dir/jar"
is "once a day is enough" "$(query "SELECT count(*) FROM Job WHERE
    type = 'resolve'")" 1
query "UPDATE Job SET createdAt = '2020-01-01T00:00:00.000Z'"
post /api/auth/login '{"username":"bob","password":"bob-pw"}' -c "$tap_dir/jar"
second=$(query "SELECT max(id) FROM Job WHERE type = 'resolve'")
ok "the next day it is asked again" test "$second" -gt "$resolve"
ok "it ends" wait_for 30 job_ended "$second"
is "what is certain was found" "$(jq -c '[.result.total, .result.resolved,
    .result.left, .result.errors]' "$tap_dir/body")" '[7,4,3,[]]'
found='["? Stalker","? The Thing","? The Thing","m Spirited Away",'
found+='"s Twin Peaks","ws Andor","x Cats"]'
is "each in its list, the rest still waits" "$(export_titles)" "$found"
is "with the right numbers" "$(query "SELECT group_concat(t) FROM (SELECT
    m.mediaType || m.tmdbId || u.status AS t FROM UserMedia u JOIN Media m
    ON m.id = u.mediaId ORDER BY 1)")" \
    "movie129WATCHED,movie536869BLOCKED,tv1920WATCHED,tv83867WATCHLIST"
cp "$tap_dir/body" "$tap_dir/after.json"
verifies() {
	DATA_DIR=$data "$build/jair-init" verify "$1" >"$tap_dir/verify.log" 2>&1
}
ok "the export verifies" verifies "$tap_dir/after.json"

# The export from before brings the same titles once more; none comes twice.
get /api/settings/import -X POST -b "$tap_dir/jar" -H "$octets" \
    --data-binary "@$tap_dir/before.json"
import=$(field jobId)
ok "an import of the older export ends" wait_for 30 job_ended "$import"
third=$(field result.resolveJob)
ok "and asks again" wait_for 30 job_ended "$third"
is "the same lists" "$(jq -c '[.result.resolved > 0, .result.errors]' \
    "$tap_dir/body") $(export_titles)" "[true,[]] $found"
curl -s --noproxy '*' -o "$tap_dir/asked" "$seerr_url/__mock/requests"
is "Seerr got its key in a header alone" \
    "$(jq -c '[.[] | select(.url | contains("canary"))] | length' \
    "$tap_dir/asked")" 0
not_ok "no key in any log" grep -rq canary- "$tap_dir/api.log" "$run"
done_testing
