#!/bin/bash
# Without these tests the first page could be told that all is well when it
# is not, or an answer could go out in a form that no client understands.
# shellcheck disable=SC2154,SC2317 # from the libraries; called by wait_for
cd "$(dirname "$0")/../.." || exit 1
. tests/lib.sh
. tests/lib-http.sh
make_data
start_api || { tap_fail "jair-api starts"; done_testing; }
start_nginx || { tap_fail "nginx starts"; done_testing; }

# The headers that every answer has.
has_security_headers() {
	local name
	for name in 'Content-Security-Policy: default-src '\''none'\''; script-src '\''self'\''; ' \
	    "X-Content-Type-Options: nosniff" "Referrer-Policy: no-referrer" \
	    "Permissions-Policy: " "Cross-Origin-Opener-Policy: same-origin" \
	    "frame-ancestors 'none'"; do
		[[ $headers == *"$name"* ]] || { diag "no $name"; return 1; }
	done
	[ "$(grep -ci '^X-Content-Type-Options:' <<<"$headers")" = 1 ] &&
		[ "$(grep -ci '^Cache-Control:' <<<"$headers")" = 1 ] &&
		! grep -qi '^Server: nginx/' <<<"$headers"
}

# answer NAME STATUS CODE: the last answer is an error in our form.
answer() {
	is "$1: status" "$status" "$2"
	is "$1: code" "$(field code)" "$3"
	like "$1: a sentence" "$(field error)" '^[A-Z].*\.$'
	like "$1: is JSON" "$headers" 'Content-Type: application/json; charset=utf-8'
	like "$1: is not kept" "$headers" 'Cache-Control: no-store'
	ok "$1: security headers" has_security_headers
}

get /api/health
is "health: status" "$status" 200
is "health: says ok" "$(field status)" ok
like "health: uptime is a number" "$(field uptime)" '^[0-9]+$'
like "health: time in ISO 8601" "$(field timestamp)" '^20[0-9-]{8}T[0-9:.]{12}Z$'
like "health: version" "$(field version)" '^[0-9]+\.[0-9]+\.[0-9]+$'
is "health: members" "$(jq -r 'keys | join(",")' "$tap_dir/body")" status,timestamp,uptime,version
like "health: is not kept" "$headers" 'Cache-Control: no-store'
ok "health: security headers" has_security_headers
get '/api/health?x=%00/../y'
is "health: a query changes nothing" "$status" 200
get /api/%68ealth
is "health: percent-decoded once" "$status" 200

get /api/health -I
is "HEAD: status" "$status" 200
like "HEAD: the length of GET" "$headers" 'Content-Length: [1-9]'
get /api/nope -I
is "HEAD: of nothing is 404" "$status" 404

get /api/system/status
is "status: new server" "$(jq -c . "$tap_dir/body")" \
    '{"configured":false,"setupCodeRequired":false,"staged":false}'
for header in "X-Forwarded-For: 127.0.0.1" "Forwarded: for=127.0.0.1" \
    "X-Real-IP: ::1" "Via: 1.1 x" "Host: jair.example" "Host: localhost.x" \
    "Host:"; do
	get /api/system/status -H "$header" --http1.0
	is "status: the code is needed with $header" \
	    "$(field setupCodeRequired)" true
done
for host in localhost 127.0.0.1:5173 '[::1]' "localhost:$port"; do
	get /api/system/status -H "Host: $host"
	is "status: no code is needed at $host" \
	    "$(field setupCodeRequired)" false
done
sqlite3 "$data/dev.db" "INSERT INTO StagedRestore
    (file, state, sha256, createdAt) VALUES ('a', 'discarded', '', '')"
get /api/system/status
is "status: a discarded archive is not staged" "$(field staged)" false
for state in ready pending; do
	sqlite3 "$data/dev.db" "UPDATE StagedRestore SET state = '$state'"
	get /api/system/status
	is "status: $state is staged" "$(field staged)" true
done
for value in 1 "'true'" "'TRUE'"; do
	sqlite3 "$data/dev.db" "UPDATE SystemConfig SET isConfigured = $value"
	get /api/system/status -H 'Host: jair.example'
	is "status: isConfigured $value" \
	    "$(jq -c '[.configured, .setupCodeRequired]' "$tap_dir/body")" \
	    '[true,false]'
done
sqlite3 "$data/dev.db" "UPDATE SystemConfig SET id = 2"
get /api/system/status
is "status: only row 1 counts" "$(field configured)" false

get /api/ready
is "ready: status" "$status" 200
is "ready: says so" "$(jq -c . "$tap_dir/body")" '{"status":"ready"}'
boot_state running snapshot ''
get /api/ready
answer "ready, boot running" 503 not_ready
is "ready, boot running: reason" "$(field reason)" boot_running
is "ready, boot running: step" "$(field step)" snapshot
boot_state failed schema 'Secret/path is full'
get /api/ready
answer "ready, boot failed" 503 not_ready
is "ready, boot failed: reason" "$(field reason)" boot_failed
is "ready, boot failed: detail for this machine" "$(field detail)" \
    'Secret/path is full'
get /api/ready -H 'Host: jair.example'
is "ready, boot failed: no detail for others" \
    "$(jq 'has("detail")' "$tap_dir/body")" false
printf 'rubbish' > "$data/.jair.boot"
get /api/ready
is "ready, boot file broken" "$status $(field reason)" '503 boot_unknown'
rm "$data/.jair.boot"
get /api/ready
is "ready, no boot file" "$status $(field reason)" '503 boot_unknown'
boot_state ok launch ''
sqlite3 "$data/dev.db" 'PRAGMA user_version = 0'
get /api/ready
is "ready, other schema" "$status $(field reason)" '503 schema'
sqlite3 "$data/dev.db" 'PRAGMA user_version = 1'
get /api/ready
is "ready again" "$status" 200

mv "$data/dev.db" "$data/aside"
get /api/ready
answer "ready, database missing" 503 database_unavailable
is "ready, database missing: reason" "$(field reason)" database_missing
not_ok "ready, database missing: names no path" grep -q dev.db "$tap_dir/body"
get /api/system/status
answer "status, database missing" 503 database_unavailable
ok "no database was made" test ! -e "$data/dev.db"
get /api/health
is "health needs no database" "$status" 200
head -c 8192 /dev/urandom > "$data/dev.db"
get /api/ready
is "ready, not a database" "$status $(field reason)" '503 database_damaged'
mv "$data/aside" "$data/dev.db"
get /api/ready
is "ready, database back" "$status" 200

get /api/nope
answer "unknown path" 404 not_found
get /api
answer "/api alone" 404 not_found
get /api/health/
answer "a slash more" 404 not_found
get //api//health
answer "two slashes" 400 bad_request
get /api%2fhealth
answer "encoded slash" 400 bad_request
get /x/../api/health
answer "dots lead nowhere" 404 not_found
get /api/%00
answer "NUL in the path" 400 bad_request
get "/api/$(printf '%2000s' '' | tr ' ' a)"
answer "long path" 414 uri_too_long
get "/api/$(printf '%20000s' '' | tr ' ' a)"
answer "very long path" 414 uri_too_long
get /api/health -H "X-Long: $(printf '%20000s' '' | tr ' ' a)"
answer "very long header" 431 headers_too_large
for method in POST PUT DELETE PATCH OPTIONS FOO; do
	get /api/health -X "$method"
	answer "$method" 405 method_not_allowed
	like "$method: Allow" "$headers" 'Allow: GET, HEAD'
done
get /api/health -X 'GE(T'
answer "broken method" 400 bad_request
get /api/health -X GET --data x=1
answer "body for a read" 413 body_too_large
head -c 100000 /dev/zero > "$tap_dir/big"
get /api/health --data-binary "@$tap_dir/big"
answer "body over nginx's limit" 413 body_too_large
get /api/health -H 'Content-Length: 12x'
answer "broken length" 400 bad_request
get /api/health -H 'Transfer-Encoding: chunked' -X GET --data-binary \
    "@tests/lib.sh"
is "chunked body for a read" "$status" 413

# raw FORMAT: a request as it stands, of which curl would not make one; in one
# piece, since the server hangs up on the rest of a bad one.
raw() {
	# shellcheck disable=SC2059 # the format is the request
	printf "$1" > "$tap_dir/request"
	exec 5<>"/dev/tcp/127.0.0.1/$port"
	cat "$tap_dir/request" >&5
	timeout 10 cat <&5 > "$tap_dir/raw" 2>/dev/null
	exec 5>&-
	tr -d '\r' < "$tap_dir/raw" | sed '/^$/q' > "$tap_dir/headers"
	tr -d '\r' < "$tap_dir/raw" | sed '1,/^$/d' > "$tap_dir/body"
	headers=$(cat "$tap_dir/headers")
	status=$(sed -n '1s/^HTTP[^ ]* \([0-9]*\).*/\1/p' "$tap_dir/headers")
}
to_us='Host: localhost\r\nConnection: close\r\n'
login="POST /api/auth/login HTTP/1.1\r\n$to_us"
login+='Content-Type: application/json\r\n'
raw "$login"'Transfer-Encoding: gzip\r\n\r\n2\r\n{}\r\n0\r\n\r\n'
answer "an unknown transfer coding" 501 not_implemented
raw "GET /api/health HTTP/3.7\r\n$to_us\r\n"
answer "an unknown version" 505 version_not_supported
raw "$login"'Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}'
answer "two lengths" 400 bad_request
raw "$login"'Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n'
answer "a length and chunks" 400 bad_request
raw "$login"'Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n'
answer "broken chunks" 400 bad_request
raw "$login"'Host: other\r\nContent-Length: 2\r\n\r\n{}'
answer "two hosts" 400 bad_request
raw "OPTIONS * HTTP/1.1\r\n$to_us\r\n"
answer "no path" 400 bad_request
for bad in '' '[]' '{}{}' '{"a":NaN}' "{'a':1}" '{"a":1,}' 'null' '{"a"'; do
	raw "$login"'Content-Length: '"${#bad}\r\n\r\n$bad"
	answer "${bad@Q} for JSON" 400 bad_json
done
raw "$login"'\r\n'
answer "no length, no body" 400 bad_json
raw "$login"'Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n'
answer "a body in chunks is read" 422 missing_field

status=$(curl -s -m 30 --noproxy '*' -o /dev/null -w '%{http_code}\n' \
    -X POST "http://127.0.0.1:$port/api/health?[1-120]" | sort | uniq -c |
    awk '$2 == 429 { n = $1 } END { print (n > 0) }')
is "a flood of writes is slowed" "$status" 1
let_through() { get /api/x -X POST; [ "$status" = 404 ]; }
ok "and let through again after a while" wait_for 10 let_through
for _ in $(seq 80); do printf 'url=http://127.0.0.1:%s/api/health\n' "$port"
done > "$tap_dir/urls"
is "a flood of reads is not" "$(curl -s --noproxy '*' -K "$tap_dir/urls" |
    grep -c '"ok"')" 80

# What the workers are given, as they read it from the socket.
# shellcheck disable=SC2046 # a list of words
strace -f -q -s 4096 -e trace=read,recvfrom -o "$tap_dir/trace" \
    $(workers_of "$api_pid" | sed 's/^/-p /') 2>"$tap_dir/strace.err" &
strace_pid=$!
started "$strace_pid"
if wait_for 10 grep -qs . "$tap_dir/trace" || ! gone "$strace_pid"; then
	traced() {
		get /api/health -H 'Proxy: http://evil.example' \
		    -H 'X-Any: thing' -H 'Authorization: Basic c2VjcmV0'
		grep -q REQUEST_URI "$tap_dir/trace"
	}
	ok "the workers' input is seen" wait_for 10 traced
	not_ok "no Proxy, and nothing else that is not read, reaches them" \
	    grep -qE 'HTTP_PROXY|evil|X_ANY|AUTHORIZATION' "$tap_dir/trace"
	kill "$strace_pid"
	wait_for 10 gone "$strace_pid"
else
	skip "the workers' input is seen" "strace may not attach here"
	skip "no Proxy reaches the workers" "strace may not attach here"
fi

get /
is "page: status" "$status" 200
like "page: type" "$headers" 'Content-Type: text/html; charset=utf-8'
like "page: asked for again each time" "$headers" 'Cache-Control: no-cache'
ok "page: security headers" has_security_headers
get / --compressed
like "page: compressed" "$headers" 'Content-Encoding: gzip'
get / -H "If-None-Match: $(sed -n 's/^ETag: //p' <<<"$headers")"
for path in /style.css /js/status.js /js/strings/en.js /icon.svg; do
	get "$path"
	is "$path: status" "$status" 200
	ok "$path: security headers" has_security_headers
done
for path in /nope /.git/config /js/.hidden /js/ /../conf/nginx.conf \
    /%2e%2e/conf/nginx.conf /api/../../conf/run.sh /404.html.x; do
	get "$path"
	like "$path: refused" "$status" '^40[04]$'
	ok "$path: security headers" has_security_headers
done
get / -X POST
is "page: POST is refused" "$status" 405
ok "page: POST has security headers" has_security_headers

not_ok "log: no header, query or address of a proxy in it" grep -qE \
    'jair.example|\?|X-Long' "$tap_dir/api.log"
like "log: a line a request" "$(grep 'path=/api/health ' "$tap_dir/api.log" |
    tail -1)" 'event=request method=GET path=/api/health status=200 ms=[0-9]+ id=[0-9a-f]{16}$'
not_ok "log: no sanitizer has complained" grep -qE \
    'ERROR: (Address|Leak)Sanitizer|runtime error' "$tap_dir/api.log"
done_testing
