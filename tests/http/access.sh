#!/bin/bash
# Without these tests a stranger, another site or a flood could reach what
# only the household may do.
# shellcheck disable=SC2154,SC2317 # from the libraries; called by wait_for
cd "$(dirname "$0")/../.." || exit 1
. tests/lib.sh
. tests/lib-http.sh
restore_max=1000000
export JAIR_RESTORE_MAX=$restore_max
make_data
start_api || { tap_fail "jair-api starts"; done_testing; }
start_nginx || { tap_fail "nginx starts"; done_testing; }

# refused NAME STATUS CODE: the last answer is that error, in our form.
refused() {
	is "$1" "$status $(field code)" "$2 $3"
	like "$1: a sentence" "$(field error)" '^[A-Z].*\.$'
	like "$1: is JSON" "$headers" 'Content-Type: application/json'
}

# session ID ADMIN: a session in the database; its token in $token.
session() {
	token=$(head -c 32 /dev/urandom | od -An -v -tx1 | tr -d ' \n')
	sqlite3 "$data/dev.db" "INSERT INTO JairSession (tokenHash, userId,
	    isAdmin, createdAt, lastUsedAt, expiresAt) VALUES (
	    '$(printf %s "$token" | sha256sum | cut -c 1-64)', $1, $2,
	    '2026-01-05T10:30:00.037Z', strftime('%Y-%m-%dT%H:%M:%fZ', 'now'),
	    strftime('%Y-%m-%dT%H:%M:%fZ', 'now', '+10 days'))"
}
json='Content-Type: application/json'
sqlite3 "$data/dev.db" "INSERT INTO User (id, username) VALUES (1, 'Anna'),
    (2, 'Bert')"

# Sessions.
get /api/auth/me
refused "nobody is logged in" 401 login_required
get /api/auth/me -H 'Cookie: jair_session=abc'
refused "a cookie of no session" 401 login_required
session 1 1
admin=$token
session 2 0
user=$token
get /api/auth/me -H "Cookie: a=b; jair_session=$admin; c=d"
is "an administrator" "$status $(jq -c . "$tap_dir/body")" \
    '200 {"user":{"id":1,"name":"Anna"},"isAdmin":true}'
get /api/auth/me -H "Cookie: jair_session=$user"
is "a user" "$status $(jq -c . "$tap_dir/body")" \
    '200 {"user":{"id":2,"name":"Bert"},"isAdmin":false}'
not_ok "no cookie without need" grep -qi '^Set-Cookie' "$tap_dir/headers"
get /api/auth/me -H "Cookie: jair_session=$user" \
    -H 'X-Forwarded-Proto: https'
refused "https wants its own cookie" 401 login_required
get /api/auth/me -H "Cookie: __Host-jair_session=$user" \
    -H 'X-Forwarded-Proto: https'
is "and takes it" "$status" 200
sqlite3 "$data/dev.db" "UPDATE JairSession SET
    lastUsedAt = '2026-01-05T10:30:00.037Z' WHERE userId = 2"
get /api/auth/me -H "Cookie: __Host-jair_session=$user" \
    -H 'X-Forwarded-Proto: https'
like "a session in use lasts: its cookie" "$headers" \
    "Set-Cookie: __Host-jair_session=$user; Max-Age=2592000; Path=/; HttpOnly; SameSite=Strict; Secure"
is "a session in use lasts: its row" "$(sqlite3 "$data/dev.db" "SELECT
    expiresAt > strftime('%Y-%m-%d', 'now', '+29 days') FROM JairSession
    WHERE userId = 2")" 1
get /api/auth/me -H "Cookie: jair_session=$user"
not_ok "and is not written each time" grep -qi '^Set-Cookie' "$tap_dir/headers"
session 2 0
sqlite3 "$data/dev.db" "UPDATE JairSession SET
    expiresAt = '2026-01-05T10:30:00.037Z' WHERE tokenHash =
    '$(printf %s "$token" | sha256sum | cut -c 1-64)'"
get /api/auth/me -H "Cookie: jair_session=$token"
refused "an expired session" 401 login_required
session 2 0
sqlite3 "$data/dev.db" "UPDATE JairSession SET jellyfinTokenEnc = '00'
    WHERE tokenHash = '$(printf %s "$token" | sha256sum | cut -c 1-64)'"
get /api/auth/me -H "Cookie: jair_session=$token"
refused "a session without its key" 401 login_required
ok "and the log says so" grep -q 'event=session_lost' "$tap_dir/api.log"

# What only administrators are told.
get /api/system/status -H "Cookie: jair_session=$user"
is "status for a user" "$(jq -c 'keys' "$tap_dir/body")" \
    '["configured","setupCodeRequired","staged"]'
get /api/system/status -H "Cookie: jair_session=$admin"
is "status for an administrator" \
    "$(jq -c '[.recovered, .lastBackup]' "$tap_dir/body")" '[null,null]'
sqlite3 "$data/dev.db" "INSERT INTO BackupRun (kind, file, startedAt, ms,
    verified, error) VALUES ('archive', 'a.json', '2026-01-05T10:30:00.037Z',
    1, 1, NULL), ('recovery', 'b.json', '2026-01-06T10:30:00.037Z', 1, 1,
    NULL)"
get /api/system/status -H "Cookie: jair_session=$admin"
is "status for an administrator: runs" \
    "$(jq -c '[.recovered, .lastBackup]' "$tap_dir/body")" \
    '[{"at":"2026-01-06T10:30:00.037Z","file":"b.json","ok":true,"lastStart":true},{"at":"2026-01-05T10:30:00.037Z","ok":true}]'
is "status for an administrator: verified, and how old" "$(jq -c \
    '[.lastVerifiedSnapshot, .lastVerifiedArchive, .overdue]' \
    "$tap_dir/body")" \
    '[null,{"at":"2026-01-05T10:30:00.037Z","file":"a.json","bytes":0},true]'
now=$(date -u +%Y-%m-%dT%H:%M:%S.000Z)
printf 'ok\n%s\ndone\n\n%s\n' "$now" "$now" > "$data/.jair.boot"
sqlite3 "$data/dev.db" "INSERT INTO BackupRun (kind, file, startedAt, ms,
    bytes, verified, error) VALUES ('archive', 'c.json', '$now', 1, 7, 1,
    NULL), ('archive', NULL, '$now', 1, 0, 0, 'full'), ('snapshot', 's',
    '$now', 1, 9, 1, NULL)"
get /api/system/status -H "Cookie: jair_session=$admin"
is "status for an administrator: the last failed, one before did not" \
    "$(jq -c '[.recovered.lastStart, .lastBackup.ok, .overdue,
    .lastVerifiedSnapshot.bytes, .lastVerifiedArchive.file]' \
    "$tap_dir/body")" '[false,false,false,9,"c.json"]'

# Writes of other sites.
for header in 'Sec-Fetch-Site: cross-site' 'Sec-Fetch-Site: same-site' \
    'Sec-Fetch-Site: none' 'Origin: http://evil.example' 'Origin: null' \
    "Origin: http://127.0.0.1:1"; do
	get /api/auth/logout -X POST -H "$json" -H "$header" \
	    -H "Cookie: jair_session=$user"
	refused "a write with $header" 403 cross_site
done
for type in application/x-www-form-urlencoded text/plain \
    multipart/form-data; do
	get /api/auth/logout -X POST -H "Content-Type: $type" \
	    -H "Cookie: jair_session=$user"
	refused "a write as $type" 415 wrong_content_type
done
get /api/auth/logout -X POST -H "$json" --data '{"a":1}' \
    -H "Cookie: jair_session=$user"
refused "a body where none belongs" 413 body_too_large
get /api/auth/me -H "Cookie: jair_session=$user"
is "none of them has logged anyone out" "$status" 200

# Logout.
get /api/auth/logout -X POST -H "$json"
refused "a stranger's logout" 401 login_required
get /api/auth/logout -X POST -H "$json" -H "Origin: http://127.0.0.1:$port" \
    -H "Cookie: jair_session=$user"
is "logout" "$status $(jq -c . "$tap_dir/body")" '200 {"success":true}'
like "logout: takes the cookie away" "$headers" \
    'Set-Cookie: jair_session=; Max-Age=0; Path=/; HttpOnly; SameSite=Strict'
get /api/auth/me -H "Cookie: jair_session=$user"
refused "logout: the session is gone" 401 login_required
get /api/auth/me -H "Cookie: jair_session=$admin"
is "logout: of this session alone" "$status" 200

# Bodies: nginx's limits.
head -c 70000 /dev/zero > "$tap_dir/70k"
head -c 1000001 /dev/zero > "$tap_dir/1M"
get /api/auth/logout -X POST -H "$json" --data-binary "@$tap_dir/70k"
refused "70 kB anywhere" 413 body_too_large
like "70 kB anywhere: names the limit" "$(field error)" '16 KiB'
get /api/auth/login -X POST -H "$json" --data-binary "@$tap_dir/70k"
refused "70 kB for a login" 413 body_too_large
like "70 kB for a login: names the limit" "$(field error)" '4 KiB'
get /api/system/restore -X POST -H "$json" --data-binary "@$tap_dir/1M"
refused "an archive over JAIR_RESTORE_MAX" 413 body_too_large
like "an archive over JAIR_RESTORE_MAX: names the limit" "$(field error)" \
    '1000000 bytes'

# Bodies: the workers' limits, without nginx before them.
past_nginx() { # LENGTH FILE: the answer's status line and code
	REQUEST_METHOD=POST REQUEST_URI=/api/auth/logout CONTENT_LENGTH=$1 \
	    CONTENT_TYPE=application/json HTTP_COOKIE="jair_session=$admin" \
	    REMOTE_ADDR=127.0.0.1 HTTP_HOST=localhost \
	    cgi-fcgi -bind -connect "$sock" < "$2" 2>/dev/null |
	    grep -oE '^Status: [0-9]+|"code":"[a-z_]+"' | tr '\n' ' '
}
is "the workers know their limits themselves" \
    "$(past_nginx 70000 "$tap_dir/70k")" \
    'Status: 413 "code":"body_too_large" '
is "the workers refuse a length that is none" \
    "$(past_nginx -5 /dev/null)" 'Status: 400 "code":"bad_request" '
get /api/auth/me -H "Cookie: jair_session=$admin"
is "neither has logged anyone out" "$status" 200

# A large upload that is refused at once: the client gets to read why.
head -c 900000 /dev/zero > "$tap_dir/900k"
get /api/system/restore -X POST -H "$json" -H 'Sec-Fetch-Site: cross-site' \
    -H 'Expect:' --data-binary "@$tap_dir/900k"
like "an upload refused at once is told so" "$status $(field code)" \
    '^40[34] (cross_site|not_found)$'

# A flood of logins.
is "a flood of logins is slowed" "$(curl -s -m 30 --noproxy '*' -o /dev/null \
    -w '%{http_code}\n' -X POST -H "$json" --data '{}' \
    "http://127.0.0.1:$port/api/auth/login?[1-40]" | sort | uniq -c |
    awk '$2 == 429 { n = $1 } END { print (n >= 15) }')" 1
get /api/auth/login -X POST -H "$json" --data '{}'
refused "a flood of logins: says so" 429 too_many_requests

# What a browser on this machine and others are told of the setup.
printf '0123456789abcdef0123456789abcdef\n' > "$data/setup_code"
get /api/system/status -H 'Host: jair.example'
is "another browser needs the code" "$(field setupCodeRequired)" true

# What the workers have given up.
for pid in $(workers_of "$api_pid"); do
	ok "a worker gains no privileges" \
	    grep -q '^NoNewPrivs:.*1$' "/proc/$pid/status"
	ok "a worker leaves no memory in files" \
	    grep -qE '^Max core file size +0 +0 ' "/proc/$pid/limits"
done

not_ok "log: no token in it" grep -qE "$admin|$user|0123456789abcdef0123" \
    "$tap_dir/api.log" "$run/error.log" "$run/access.log"
not_ok "log: no sanitizer has complained" grep -qE \
    'ERROR: (Address|Leak)Sanitizer|runtime error' "$tap_dir/api.log"
done_testing
