#!/bin/bash
# Without these tests a key, a token or a password could lie in a log, an
# answer, a job's row or a file that others can read, and a session could be
# taken over.
# shellcheck disable=SC2154,SC2317 # from the libraries; called by wait_for
cd "$(dirname "$0")/../.." || exit 1
. tests/lib.sh
. tests/lib-http.sh
seerr_key=canary-seerr-0123456789
gemini_key=canary-gemini-0123456789
token=canary-jellyfin-token-0123456789
password=canary-password-0123456789
wrong=canary-wrong-0123456789
ok "a Jellyfin" mock jellyfin "$(jq -nc --arg t "$token" --arg p "$password" \
    '{token: $t, users: [{name: "jesse", password: $p, id:
    "0123456789abcdef0123456789abcdef", admin: true, disabled: false},
    {name: "bert", password: $p, id: "1123456789abcdef0123456789abcdef",
    admin: false, disabled: false}]}')"
ok "a Seerr" mock seerr "{\"key\":\"$seerr_key\"}"
ok "a Gemini" mock gemini "{\"key\":\"$gemini_key\"}"
export GEMINI_BASE_URL=$gemini_url JAIR_SETUP_CODE_REQUIRED=1
: > "$tap_dir/api.log"
: > "$tap_dir/answers"

# heard: keep what the last request was told, but for cookies.
heard() {
	cat "$tap_dir/body" >> "$tap_dir/answers"
	grep -vi '^set-cookie' "$tap_dir/headers" >> "$tap_dir/answers"
}
ask() {
	patient post "$@"
	heard
}
# login NAME PASSWORD FROM: past nginx, whose limit is tested elsewhere; the
# answer's status and code; its cookie in the file "cookie".
login() {
	local body
	body=$(jq -nc --arg n "$1" --arg p "$2" '{username: $n, password: $p}')
	printf %s "$body" |
	    REQUEST_METHOD=POST REQUEST_URI=/api/auth/login \
	    CONTENT_LENGTH=$(printf %s "$body" | wc -c) REMOTE_ADDR=127.0.0.1 \
	    CONTENT_TYPE=application/json HTTP_HOST=localhost \
	    HTTP_X_FORWARDED_FOR="$3" HTTP_COOKIE="${sent:-}" \
	    cgi-fcgi -bind -connect "$sock" > "$tap_dir/login" 2>/dev/null
	sed -n 's/^Set-Cookie: jair_session=\([^;]*\).*/\1/p' "$tap_dir/login" \
	    | tr -d '\r' > "$tap_dir/cookie"
	grep -vi '^set-cookie' "$tap_dir/login" >> "$tap_dir/answers"
	said=$(grep -aoE '^Status: [0-9]+|"code":"[a-z_]+"' "$tap_dir/login" |
	    sed -E 's/^Status: |"code"://g; s/"//g' | paste -sd' ')
}
job_ended() {
	get "/api/jobs/$1" -b "jair_session=$cookie"
	case $(field state) in done | failed) return 0 ;; esac
	return 1
}

# A household's whole life, in which every service fails in every way.
lies=(status login-page page-without-type cut cut-chunk hang-up short-length
    long-length two-lengths bad-length not-http redirect-metadata redirect-host
    redirect-same empty bad-json list deep-json wide-json not-utf8 odd-types
    echo)
all_lie() { # LIE [AT]: in each of them, as an error too
	local url
	for url in "$jellyfin_url" "$seerr_url" "$gemini_url"; do
		lie "$url" "{\"lie\":\"$1\",\"status\":${3:-200},
		    \"at\":\"${2:-/}\",
		    \"to\":\"http://other.invalid/$seerr_key$gemini_key\"}"
	done
}
services="\"jellyfinUrl\":\"$jellyfin_url\",\"jellyseerrUrl\":\"$seerr_url\",
    \"jellyseerrApiKey\":\"$seerr_key\",\"geminiApiKey\":\"$gemini_key\""
live() {
	code=$(cat "$data/setup_code")
	for lie in "${lies[@]}"; do
		all_lie "$lie" / 500
		ask /api/system/verify "{$services}" -H "X-Setup-Code: $code"
	done
	all_lie status /none
	ask /api/system/restore @tests/fixtures/archives/v2.0.3-small.json \
	    -H "X-Setup-Code: $code"
	wait_for 20 checked -H "X-Setup-Code: $code"
	heard
	ask /api/system/setup "{$services,\"restore\":true}" \
	    -H "X-Setup-Code: $code"
	is "$mode: the setup is saved" "$status" 200
	for lie in "${lies[@]}"; do
		all_lie "$lie" /Users/AuthenticateByName 500
		login jesse "$password" "203.0.113.$((++address))"
	done
	all_lie status /none
	login jesse "$wrong" "203.0.113.$((++address))"
	is "$mode: a wrong password" "$said" '401 login_failed'
	login jesse "$password" "203.0.113.$((++address))"
	is "$mode: the right one" "$said" 200
	cookie=$(cat "$tap_dir/cookie")
	[ -n "$cookie" ] || done_testing
	for lie in status login-page cut bad-json redirect-host odd-types echo; do
		all_lie "$lie" /Items 500
		ask /api/sync/jellyfin '' -b "jair_session=$cookie"
		wait_for 30 job_ended "$(field jobId)"
		heard
	done
	all_lie status /none
	ask /api/settings/import @tests/fixtures/archives/v2.0.3-small.json \
	    -b "jair_session=$cookie"
	wait_for 30 job_ended "$(field jobId)"
	heard
	for path in /api/system/config-editor /api/auth/me /api/system/status \
	    /api/settings/export; do
		get "$path" -b "jair_session=$cookie"
		heard
	done
	DATA_DIR=$data "$build/jair-init" backup >"$tap_dir/backup.log" 2>&1
	ok "$mode: a backup" test -s "$data/backup_latest.json"
}
# What may be where: the code's link in the boot's log; the household's keys
# in SystemConfig and in archives, which bring them back.
rows() { # everything in the database but that
	sqlite3 "$data/dev.db" .dump | grep -v 'INSERT INTO SystemConfig'
}
canaries="$seerr_key|$gemini_key|$token|$password|$wrong"
nowhere() {
	local code_and_cookie="$code|$cookie"
	not_ok "$mode: no secret in the server's log" \
	    grep -qE "$canaries|$code_and_cookie" "$tap_dir/api.log"
	not_ok "$mode: none in nginx's" \
	    grep -rqE "$canaries|$code_and_cookie" "$run"
	not_ok "$mode: none in an answer" \
	    grep -qaE "$canaries|$code_and_cookie" "$tap_dir/answers"
	not_ok "$mode: none in a row that is not the configuration" \
	    grep -qE "$canaries|$code_and_cookie" <(rows)
	not_ok "$mode: no key in the log of a boot or backup" \
	    grep -qE "$canaries|$cookie" "$tap_dir/boot.log" \
	    "$tap_dir/backup.log"
	is "$mode: none in any other file" "$(grep -rlE \
	    "$token|$password|$wrong|$code_and_cookie" "$data")" ''
	is "$mode: nothing half-made is left" \
	    "$(find "$data" -name '*.jair-tmp-*' -o -name 'export*')" ''
	is "$mode: every file is its owner's alone" \
	    "$(find "$data" -type f ! -perm 600)" ''
	is "$mode: so is the folder" "$(mode "$data")" 700
	is "$mode: the core of no process is kept" "$(for pid in "$api_pid" \
	    $(pgrep -P "$api_pid"); do
		grep -E '^Max core file size +0 +0 ' "/proc/$pid/limits"
	done | wc -l)" "$(($(pgrep -P "$api_pid" | wc -l) + 1))"
}
address=0
start_nginx || tap_fail "nginx starts"
for mode in text json; do
	export JAIR_LOG=$mode
	data=$tap_dir/$mode mask=0
	[ $mode = text ] || mask=0777
	# Threat: files.  Whatever the umask, nobody else may read.
	umask "$mask"
	DATA_DIR=$data "$build/jair-init" >"$tap_dir/boot.log" 2>&1
	umask 022
	chmod 600 "$tap_dir"/*.log
	umask "$mask"
	start_api || tap_fail "jair-api starts"
	umask 022
	live
	nowhere
	if [ $mode = text ]; then
		kill "$api_pid"
		ended "$api_pid" 20
	fi
done
ok "the log is JSON" jq -e . <(grep '^{' "$tap_dir/api.log")

# Threat: brute force.
fails() {
	login bert "$wrong" 198.51.100.1
	[ "$said" = '401 login_failed' ]
}
# Three times, so that the wait is long enough for what follows.
ok "a wrong password" fails
ok "is told so" wait_for 5 fails
ok "each time" wait_for 5 fails
login bert "$password" 198.51.100.1
is "then even the right one waits" "$said" '429 too_many_attempts'
login BERT "$password" 198.51.100.1
is "in any case of the name" "$said" '429 too_many_attempts'
login bert "$password" "198.51.100.77, 198.51.100.1"
is "whatever the client says who it is" "$said" '429 too_many_attempts'
login jesse "$password" 198.51.100.1
is "another account does not wait" "$said" 200
login bert "$password" 198.51.100.2
is "from elsewhere nobody is locked out" "$said" 200
waited() { # it takes four seconds, not longer
	login bert "$password" 198.51.100.1
	[ "$said" = 200 ]
}
ok "the wait ends" wait_for 8 waited
login '2001:db8::1' "$wrong" 2001:db8::1
login '2001:db8::1' "$wrong" 2001:db8::ffff
is "an IPv6 network is one address" "$said" '429 too_many_attempts'

# Threat: session theft, fixation.
chosen=$(printf '%064d' 7)
sent="jair_session=$chosen" login bert "$password" 198.51.100.3
cookie=$(cat "$tap_dir/cookie")
like "a session's token is 256 bits" "$cookie" '^[0-9a-f]{64}$'
not_ok "and not the one that the browser brought" test "$cookie" = "$chosen"
get /api/auth/me -b "jair_session=$chosen"
is "which opens nothing" "$status" 401
login bert "$password" 198.51.100.3
other=$(cat "$tap_dir/cookie")
not_ok "each login has its own" test "$cookie" = "$other"
not_ok "no token is in the database" \
    grep -qE "$cookie|$other" <(sqlite3 "$data/dev.db" .dump)
hash=$(printf %s "$cookie" | sha256sum | cut -c 1-64)
is "but its hash" "$(query "SELECT count(*) FROM JairSession WHERE
    tokenHash = '$hash'")" 1
get /api/auth/me -b "jair_session=$hash"
is "which opens nothing either" "$status" 401
not_ok "nor is Jellyfin's token" grep -q "$token" "$data/dev.db"
get /api/auth/logout -X POST -H "$json" -b "jair_session=$cookie"
is "a logout" "$status" 200
is "deletes its row" "$(query "SELECT count(*) FROM JairSession WHERE
    tokenHash = '$hash'")" 0
get /api/auth/me -b "jair_session=$other"
is "and no other" "$status" 200
mv "$data/jair.key" "$tap_dir/key"
get /api/auth/me -b "jair_session=$other"
is "without the key file a session is none" "$status" 401
head -c 32 /dev/urandom > "$data/jair.key"
get /api/auth/me -b "jair_session=$other"
is "nor with another one" "$status" 401
login bert "$password" 198.51.100.4
is "one logs in again" "$said" 200
other=$(cat "$tap_dir/cookie")
kill "$api_pid"
ended "$api_pid" 20
# A boot takes a snapshot, sessions and all.
DATA_DIR=$data "$build/jair-init" >>"$tap_dir/boot.log" 2>&1
is "a snapshot holds sessions" "$(sqlite3 "$data/dev.db.backup_startup" \
    'SELECT count(*) > 0 FROM JairSession')" 1
DATA_DIR=$data "$build/jair-init" restore --yes dev.db.backup_startup \
    >"$tap_dir/restore.log" 2>&1
is "a snapshot is restored, and nobody is logged in" \
    "$(query 'SELECT count(*) FROM JairSession')" 0
start_api
get /api/auth/me -b "jair_session=$other"
is "a token from before opens nothing" "$status" 401

# Threat: headers.  Every page, every route, whatever it says.
guarded() {
	local h
	for h in "Content-Security-Policy: default-src 'none';" \
	    "frame-ancestors 'none'" 'X-Content-Type-Options: nosniff' \
	    'Referrer-Policy: no-referrer' "script-src 'self';"; do
		grep -qF "$h" <<< "$headers" || return 1
	done
	! grep -q unsafe- <<< "$headers"
}
for page in html/*.html html/js/*.js html/*.css; do
	get "/${page#html/}"
	ok "${page#html}: guarded" guarded
	not_ok "${page#html}: nothing inline, nothing from elsewhere" grep -qE \
	    '<script>|<script [^>]*src="https?:|<style|[ "]on[a-z]+="|javascript:' \
	    "$tap_dir/body"
done
while read -r method path; do
	get "$path" -X "$method" -H "$json"
	ok "$method $path: guarded" guarded
	like "$method $path: kept nowhere" "$headers" 'Cache-Control: no-store'
done < <(tr -d '\n\t' < cgi-src/api/routes.c | grep -o '{ M_[^}]*[^{]*}' |
    sed -E 's/^\{ M_([A-Z]+), "([^"{]+).*/\1 \2/')
kill "$api_pid"
ended "$api_pid" 20

# Threat: files.  Links under our names lead nobody out of the folder.
mkdir "$tap_dir/outside"
for name in setup_code jair.key .jair.lock .jair.serving .jair.jobs \
    .jair.upload .jair.boot backup_latest.json dev.db.backup_startup \
    dev.db-journal; do
	for kind in nothing file; do
		data=$tap_dir/links-$name-$kind
		mkdir -m 700 "$data"
		ln -s "$tap_dir/outside/$name" "$data/$name"
		rm -f "$tap_dir/outside/"* "$tap_dir/outside/".j*
		[ $kind = nothing ] || echo kept > "$tap_dir/outside/$name"
		before=$(cd "$tap_dir/outside" && grep -r . .)
		DATA_DIR=$data "$build/jair-init" >>"$tap_dir/links.log" 2>&1
		DATA_DIR=$data "$build/jair-init" backup \
		    >>"$tap_dir/links.log" 2>&1
		if start_api; then
			code=$(cat "$data/setup_code")
			patient post /api/system/restore '{}' \
			    -H "X-Setup-Code: $code"
			kill "$api_pid"
			ended "$api_pid" 20
		fi
		is "a link $name to $kind is not written through" \
		    "$(cd "$tap_dir/outside" && grep -r . .)$(find \
		    "$tap_dir/outside" -type f -empty)" "$before"
	done
done
ok "no sanitizer has complained" clean_log
done_testing
