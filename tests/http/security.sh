#!/bin/bash
# Without these tests a stranger could finish somebody's setup, have keys sent
# to themselves, look around in the network, or take over a session.
# shellcheck disable=SC2154,SC2317 # from the libraries; called by wait_for
cd "$(dirname "$0")/../.." || exit 1
. tests/lib.sh
. tests/lib-http.sh
seerr_key=canary-seerr-key-0123456789
gemini_key=canary-gemini-key-0123456789
ok "a Jellyfin" mock jellyfin
ok "a Seerr" mock seerr "{\"key\":\"$seerr_key\"}"
ok "a Gemini" mock gemini "{\"key\":\"$gemini_key\"}"
export GEMINI_BASE_URL=$gemini_url JELLYSEERR_URL=$seerr_url
export JELLYSEERR_API_KEY=$seerr_key
boot() {
	DATA_DIR=$data "$build/jair-init" "$@" >"$tap_dir/boot.log" 2>&1
}
restart() {
	kill "$api_pid"
	ended "$api_pid" 20
	start_api
}
public='X-Forwarded-For: 203.0.113.9'
ok "a boot" boot
code=$(cat "$data/setup_code")
ok "jair-api starts" start_api
ok "nginx starts" start_nginx

# refused NAME STATUS CODE: the last answer is that error, in our form.
refused() {
	is "$1" "$status $(field code)" "$2 $3"
}
# routes FILTER: "METHOD PATH" of the table's rows that match.
routes() {
	tr -d '\n\t' < cgi-src/api/routes.c | grep -o '{ M_[^}]*[^{]*}' |
	    grep -E "$1" | sed -E 's/^\{ M_([A-Z]+), "([^"]+)".*/\1 \2/'
}
is "the table of routes is read" \
    "$(routes . | wc -l)" "$(grep -c '{ M_' cgi-src/api/routes.c)"

# Threat: someone else finishes the setup first.
while read -r method path; do
	for case in required wrong; do
		header=X-Setup-Code:
		[ $case = required ] || header="X-Setup-Code: ${code//[0-7]/8}"
		patient get "$path" -X "$method" -H "$json" -H "$public" \
		    -H "$header" -d '{}'
		refused "$method $path, code $case" 403 "setup_code_$case"
	done
done < <(routes ACC_SETUP)
for host in jair.example "localhost.evil.example:$port" "127.0.0.1.nip.io"; do
	post /api/system/verify '{}' -H "Host: $host" -H "Origin: http://$host"
	refused "DNS rebinding as $host" 403 setup_code_required
done
for header in "Host: localhost" "Host: 127.0.0.1:5173" "X-Forwarded-Host: localhost"; do
	post /api/system/verify '{}' -H "$public" -H "$header"
	refused "a public address with $header" 403 setup_code_required
done
post /api/system/verify '{}' -H "$public" -H "X-Setup-Code: ${code^^}"
like "the code counts as it is written" "$status" '^(200|403)$'
post /api/system/verify "{\"jellyfinUrl\":\"$jellyfin_url\"}" -H "$public" \
    -H "X-Setup-Code: $code"
is "the right code opens" "$status $(field jellyfin.ok)" '200 true'
get /api/system/status
is "this machine needs none" "$(field setupCodeRequired)" false
export JAIR_SETUP_CODE_REQUIRED=1
restart
get /api/system/status
is "unless the owner wants it" "$(field setupCodeRequired)" true
get /api/system/setup-defaults
refused "then nothing opens without" 403 setup_code_required
export JAIR_SETUP_CODE_REQUIRED=0
restart

# Threat: stored keys sent to a changed host.  Each place where a key is
# known in turn: the environment, an archive, the database.
mask='********6789'
moved() { # PLACE ADDRESS [CURL-ARG...]
	local place=$1 to=$2
	shift 2
	patient post /api/system/verify "{\"jellyfinUrl\":\"$jellyfin_url\",
	    \"jellyseerrUrl\":\"$to\",\"jellyseerrApiKey\":\"$mask\"${reuse:-}}" \
	    "$@"
	is "$place to $to" "$status $(field code) $(field field)" \
	    '422 key_moved jellyseerrApiKey'
}
others() { # what differs from Seerr's address in one thing
	echo "https://${seerr_url#*//} http://localhost:${seerr_url##*:}
	    ${seerr_url%:*}:9 http://127.0.0.2:${seerr_url##*:} $jellyfin_url"
}
known() { # PLACE [CURL-ARG...]: all that is true of any place
	local place=$1 to reuse=
	shift
	for to in $(others); do
		moved "the key of $place does not go" "$to" "$@"
	done
	patient post /api/system/verify "{\"jellyfinUrl\":\"$jellyfin_url\",
	    \"jellyseerrUrl\":\"${seerr_url^^}/path\",
	    \"jellyseerrApiKey\":\"$mask\"}" "$@"
	is "the key of $place stays at its address, other path" "$status" 200
	patient post /api/system/verify "{\"jellyfinUrl\":\"$jellyfin_url\",
	    \"jellyseerrUrl\":\"$jellyfin_url\"}" "$@"
	refused "the key of $place does not go unnamed either" 422 key_moved
}
known "the environment"
reuse=',"reuseKey":["jellyseerr"]'
moved "nor does this machine alone allow it" "$jellyfin_url"
moved "nor a wrong code" "$jellyfin_url" -H "X-Setup-Code: ${code//[0-7]/8}"
reuse=
not_ok "Jellyfin was never shown it" grep -q "$seerr_key" \
    <(asked "$jellyfin_url")
post /api/system/verify "{\"jellyfinUrl\":\"$jellyfin_url\",
    \"jellyseerrUrl\":\"http://localhost:${seerr_url##*:}\",
    \"jellyseerrApiKey\":\"$mask\",\"reuseKey\":[\"jellyseerr\"]}" \
    -H "X-Setup-Code: $code"
is "the code and the question answered: it goes" \
    "$status $(field jellyseerr.ok)" '200 true'
jq --arg url "$seerr_url" '.system_config.jellyseerrUrl = $url |
    .system_config.jellyseerrApiKey = "staged-key-of-archive-6789"' \
    tests/fixtures/archives/v2.0.3-small.json > "$tap_dir/archive.json"
jq 'del(.integrity)' "$tap_dir/archive.json" > "$tap_dir/staged.json"
kept_key=$JELLYSEERR_API_KEY
unset JELLYSEERR_API_KEY JELLYSEERR_URL
restart
post /api/system/restore "@$tap_dir/staged.json"
is "an archive is taken" "$status" 202
ok "and checked" wait_for 20 checked
is "and staged" "$(field state)" ready
known "an archive"
not_ok "its key is in no answer" grep -q staged-key "$tap_dir/body"
export JELLYSEERR_API_KEY=$kept_key JELLYSEERR_URL=$seerr_url
restart
get /api/system/restore -X DELETE
is "the archive is forgotten" "$status" 200

# Threat: SSRF.  An address is refused, or its answer is not told.
probe() { # ADDRESS: in $said
	patient post /api/system/verify "$(jq -nc --arg u "$1" \
	    '{jellyfinUrl: $u, jellyseerrUrl: ""}')"
	said="$status $(field code) $(field jellyfin.ok) $(field jellyfin.message)"
}
for host in 169.254.169.254 2852039166 0251.0376.0251.0376 0xa9fea9fe \
    0xa9.0376.43518 169.254.169.254. '[::ffff:169.254.169.254]' \
    '[::ffff:a9fe:a9fe]' '[64:ff9b::a9fe:a9fe]' '[2002:a9fe:a9fe::]' \
    '[fe80::1]' '[fd00:ec2::254]' 100.100.100.200 0.0.0.0 0 '[::]' \
    '[::ffff:0.0.0.0]' 224.0.0.1 255.255.255.255 '[ff02::1]'; do
	probe "http://$host:8096/"
	like "no service lives at $host" "$said" \
	    '^200 null false Jellyfin is not asked at'
done
for url in "http://a:b@169.254.169.254/" "http://127.0.0.1@169.254.169.254/" \
    "http://169.254.169.254\\@127.0.0.1/" 'file:///etc/passwd' \
    'gopher://127.0.0.1/' 'ftp://127.0.0.1/' 'javascript:alert(1)' \
    'http://[fe80::1%25lo]/' 'http://127.0.0.1:99999/' 'http://１２７.0.0.1/' \
    $'http://127.0.0.1/\r\nX-A: b' 'http://256.1.1.1/' 'http://0x/' '//host'; do
	probe "$url"
	like "${url@Q} is no address" "$said" '^422 bad_address'
done
for host in 2130706433 0x7f.1 0177.0.0.1 127.1 localhost. \
    '[::ffff:127.0.0.1]'; do
	probe "http://$host:${jellyfin_url##*:}"
	is "$host is this machine, which is allowed" "$status $(field \
	    jellyfin.ok)" '200 true'
done
for to in metadata host file userinfo loop; do
	lie "$jellyfin_url" "{\"lie\":\"redirect-$to\"}"
	probe "$jellyfin_url"
	like "sent on to $to: not followed" "$said" '^200 null false '
	not_ok "sent on to $to: the place is not told whole" \
	    grep -qE 'latest|passwd|a:b@' "$tap_dir/body"
done
for lie in status login-page bad-json not-http; do
	lie "$jellyfin_url" "{\"lie\":\"$lie\",\"status\":500}"
	probe "$jellyfin_url"
	like "an answer that is $lie: told by its kind" "$said" \
	    '^200 null false .*\.$'
	not_ok "an answer that is $lie: nothing of it is shown" \
	    grep -qE 'out of order|Sign in|0123|OpenSSH' "$tap_dir/body"
done
lie "$jellyfin_url" '[]'

# Threat: body floods, JSON bombs.
head -c 16385 /dev/zero | tr '\0' ' ' > "$tap_dir/long"
while read -r method path; do
	[ "$path" != /api/auth/login ] || continue
	patient get "$path" -X "$method" -H "$json" --data-binary "@$tap_dir/long"
	refused "$method $path: a byte too much" 413 body_too_large
	like "$method $path: the limit is named" "$(field error)" '16 KiB'
done < <(routes BODY_JSON)
past_nginx() { # METHOD PATH LENGTH FILE
	REQUEST_METHOD=$1 REQUEST_URI=$2 CONTENT_LENGTH=$3 \
	    CONTENT_TYPE=application/json REMOTE_ADDR=127.0.0.1 \
	    HTTP_HOST=localhost cgi-fcgi -bind -connect "$sock" < "$4" 2>/dev/null |
	    grep -oE '^Status: [0-9]+|"error":"[^"]*"' | tr '\n' ' '
}
for path in verify setup; do
	is "$path: the workers know it themselves" "$(past_nginx POST \
	    /api/system/$path 16385 "$tap_dir/long")" 'Status: 413 "error":"The body of this request may have at most 16384 bytes." '
	patient get "/api/system/$path" -X POST -H "$json" --data-binary \
	    "@$tap_dir/long" -H 'Transfer-Encoding: chunked' -H 'Expect:'
	refused "$path: without a length too" 413 body_too_large
done
is "login: the workers know it themselves" "$(past_nginx POST \
    /api/auth/login 4097 "$tap_dir/long")" 'Status: 413 "error":"The body of this request may have at most 4096 bytes." '
{ printf '{"a":'; printf '[%.0s' $(seq 8000); } > "$tap_dir/bomb-deep"
{ printf '{"a":1'; printf ',"a":1%.0s' $(seq 2000); printf '}'; } \
    > "$tap_dir/bomb-wide"
printf '{"jellyfinUrl":"\\u0000"}' > "$tap_dir/bomb-nul"
printf '{"jellyfinUrl":"\xff\xfe"}' > "$tap_dir/bomb-bytes"
printf '{"jellyfinUrl":"http://a%016000d"}' 0 | head -c 16000 \
    > "$tap_dir/bomb-cut"
jq -nc '{jellyfinUrl: ("a" * 15000)}' > "$tap_dir/bomb-long"
jq -nc '{reuseKey: [range(3000)], jellyfinUrl: 1e308}' > "$tap_dir/bomb-types"
for bomb in deep wide nul bytes cut long types; do
	patient get /api/system/setup -X POST -H "$json" \
	    --data-binary "@$tap_dir/bomb-$bomb"
	like "a $bomb bomb is refused" "$status $(field code)" \
	    '^(400 bad_json|422 (bad|missing)_(field|address))$'
done
{ printf '{"users":'; head -c 3000000 /dev/zero | tr '\0' '['; } \
    > "$tap_dir/upload-deep"
{ printf '{"version":"'; head -c 30000000 /dev/zero | tr '\0' 'a'; } \
    > "$tap_dir/upload-string"
{ printf '{"version":"2.0.3","users":['; yes '{"username":"u"},' |
    head -n 1000000; printf '{}]}'; } > "$tap_dir/upload-count"
for bomb in deep string count; do
	get /api/system/restore -X POST -H "$octets" \
	    --data-binary "@$tap_dir/upload-$bomb"
	is "an archive that is a $bomb bomb is taken" "$status" 202
	ok "it is checked" wait_for 60 checked
	like "and refused in a sentence with a place" \
	    "$(field state) $(field error)" '^failed .*(line [0-9]+|user).*\.$'
done
get /api/system/status
is "nothing has fallen" "$status" 200

# Threat: CSRF.  Every route that may change something.
while read -r method path; do
	for header in 'Sec-Fetch-Site: cross-site' 'Sec-Fetch-Site: same-site' \
	    'Origin: https://evil.example' 'Origin: null' \
	    "Origin: http://127.0.0.1:$port.evil.example"; do
		patient get "$path" -X "$method" -H "$json" -H "$header" -d '{}'
		refused "$method $path with $header" 403 cross_site
	done
	if [ "$method" != DELETE ]; then
		patient get "$path" -X "$method" -H 'Content-Type: text/plain' \
		    -H "X-Setup-Code: $code" -d '{}'
		like "$method $path as text/plain" "$status $(field code)" \
		    '^(415 wrong_content_type|401 login_required)$'
	fi
done < <(routes 'M_(POST|PUT|DELETE)')
get /api/system/status
is "none of them has set anything up" "$(field configured)" false

# Two finish the setup at once: one wins whole, nothing of the other stays.
lie "$jellyfin_url" '{"lie":"slow","ms":700}'
finish() { # NAME: its status in the file NAME
	curl -s -m 30 --noproxy '*' -o "$tap_dir/$1.body" -w '%{http_code}' \
	    -H "$json" -H "X-Setup-Code: $code" -H "$public" \
	    -d "{\"jellyfinUrl\":\"$jellyfin_url\",\"jellyseerrUrl\":
	    \"$seerr_url/$1\",\"jellyseerrApiKey\":\"canary-of-$1-6789\"}" \
	    "http://127.0.0.1:$port/api/system/setup" > "$tap_dir/$1"
}
finish anna & anna=$!
finish bert & bert=$!
wait $anna $bert
lie "$jellyfin_url" '[]'
both="$(cat "$tap_dir/anna") $(cat "$tap_dir/bert")"
like "of two at once one wins" "$both" '^(200 (409|401)|(409|401) 200)$'
winner=anna loser=bert
[ "${both%% *}" = 200 ] || winner=bert loser=anna
is "what is saved is the winner's" "$(query 'SELECT jellyseerrUrl,
    jellyseerrApiKey FROM SystemConfig')" \
    "$seerr_url/$winner|canary-of-$winner-6789"
not_ok "nothing of the other is in the database" \
    grep -q "canary-of-$loser" "$data/dev.db"
not_ok "the code is gone" test -e "$data/setup_code"
while read -r method path; do
	patient get "$path" -X "$method" -H "$json" -H "X-Setup-Code: $code" \
	    -d '{}'
	refused "$method $path is closed" 401 login_required
done < <(routes ACC_SETUP)

# The owner opens it again.
ok "setup --reopen" boot setup --reopen
not_ok "the new code is another" grep -qx "$code" "$data/setup_code"
post /api/system/verify '{}' -H "$public" -H "X-Setup-Code: $code"
refused "the old code is worth nothing" 403 setup_code_wrong
code=$(cat "$data/setup_code")
is "the new one is 128 bits" "${#code}" 32
like "the link has it" "$(cat "$tap_dir/boot.log")" "#code=$code"
unset JELLYSEERR_API_KEY JELLYSEERR_URL
restart
known "the database" -H "$public" -H "X-Setup-Code: $code"
post /api/system/setup "{\"jellyfinUrl\":\"$jellyfin_url\",\"jellyseerrUrl\":
    \"$seerr_url\",\"jellyseerrApiKey\":\"$seerr_key\",\"geminiApiKey\":
    \"$gemini_key\"}" -H "$public" -H "X-Setup-Code: $code"
is "and it is set up again" "$status" 200

ok "no sanitizer has complained" clean_log
done_testing
