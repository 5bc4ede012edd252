#!/bin/bash
# Without this test we could ask Jellyfin or Seerr for what their published
# descriptions do not know, and only their users would notice: every request
# that the unit tests make is shown to prism, which judges by them.
# shellcheck disable=SC2154,SC2317 # from the library; called by wait_for
cd "$(dirname "$0")/../.." || exit 1
. tests/lib.sh

prism=tests/mock/node_modules/.bin/prism
npm_ready tests/mock @stoplight/prism-cli

# judge FILE: prism with a description, on the free port $judge_port.
judge() {
	judge_port=$(free_port)
	node "$prism" mock -h 127.0.0.1 -p "$judge_port" "tests/fixtures/peers/$1" \
	    >"$tap_dir/$1.log" 2>&1 &
	started $!
	wait_for 60 grep -q 'Prism is listening' "$tap_dir/$1.log"
}

# judged PROGRAM: run a unit test whose mocks show what they are asked.
judged() {
	: >"$tap_dir/judged"
	JAIR_JUDGE_LOG=$tap_dir/judged "$build/unit/$1" \
	    >"$tap_dir/$1.log" 2>&1 && return
	sed 's/^/# /' "$tap_dir/$1.log"
	return 1
}
# all_good: something was judged, and nothing was refused.
all_good() {
	diag "$(grep -c '^ok ' "$tap_dir/judged") requests judged"
	grep '^REFUSED' "$tap_dir/judged" | head -n 5 | sed 's/^/# /'
	grep -q '^ok ' "$tap_dir/judged" &&
		! grep -q '^REFUSED' "$tap_dir/judged"
}
# saw REGEX: such a request was among them.
saw() {
	grep -Eq "^ok $1" "$tap_dir/judged"
}

ok "prism reads Jellyfin's description" \
    judge jellyfin-openapi-12.0.0-part.json
export JAIR_JUDGE_JELLYFIN=http://127.0.0.1:$judge_port
ok "prism reads Seerr's description" judge seerr-api.yml
export JAIR_JUDGE_SEERR=http://127.0.0.1:$judge_port

# Without this a judge that lets everything pass would look the same.
refused() {
	[ "$(curl -s --noproxy '*' -o /dev/null -w '%{http_code}' \
	    -H 'Authorization: x' -H 'X-Api-Key: x' "$1")" = 422 ]
}
ok "a list with commas is refused" refused \
    "$JAIR_JUDGE_JELLYFIN/Items?includeItemTypes=Movie,Series"
ok "a search without a query is refused" refused \
    "$JAIR_JUDGE_SEERR/search?page=1"

ok "jellyfin: the test passes" judged jellyfin_test
ok "jellyfin: every request is known" all_good
ok "jellyfin: the public information was asked for" \
    saw 'GET /System/Info/Public$'
ok "jellyfin: a login was" saw 'POST /Users/AuthenticateByName$'
ok "jellyfin: a logout was" saw 'POST /Sessions/Logout$'
ok "jellyfin: the history's test passes" judged jellyfin_history_test
ok "jellyfin: every request for history is known" all_good
ok "jellyfin: movies and series were asked for" \
    saw 'GET /Items\?.*Types=Movie&includeItemTypes=Series&isPlayed=true'
ok "jellyfin: episodes were" saw 'GET /Items\?.*Types=Episode&isPlayed=true'
ok "jellyfin: series by their ids were" saw 'GET /Items\?.*&ids=[0-9a-f-]{36}&ids='
ok "seerr: the test passes" judged seerr_test
ok "seerr: every request is known" all_good
ok "seerr: the status was asked for" saw 'GET /api/v1/status$'
ok "seerr: the key was proved" saw 'GET /api/v1/auth/me$'
ok "seerr: a search was" saw 'GET /api/v1/search\?query='
done_testing
