#!/bin/bash
# Without these tests an upload could fill the memory or the disk, be kept out
# by a stranger, or leave half a file; and a long restore could make the first
# page wait.
# shellcheck disable=SC2154,SC2317 # from the libraries; called by wait_for
cd "$(dirname "$0")/../.." || exit 1
if [ -z "${JAIR_TEST_MOUNTS:-}" ] && unshare -m mount -t tmpfs none /mnt \
    2> /dev/null; then
	# A mount table of our own vanishes with us.
	JAIR_TEST_MOUNTS=1 exec unshare -m bash "$0"
fi
. tests/lib.sh
. tests/lib-http.sh
big=${JAIR_TEST_UPLOAD:-268435456}
export JAIR_RESTORE_MAX=$big restore_max=$big
boot() {
	DATA_DIR=$data "$build/jair-init" >"$tap_dir/boot.log" 2>&1
}
boot || tap_fail "a boot"
start_api || tap_fail "jair-api starts"
start_nginx || tap_fail "nginx starts"

# uploads: the files of uploads in the data folder, half-made ones too.
uploads() {
	find "$data" -name 'upload_*' | wc -l
}
no_upload() { [ "$(uploads)" = 0 ]; }
some_upload() { ! no_upload; }
rss() { # PID: the most memory it ever had, in MiB
	awk '/^VmHWM/ { print int($2 / 1024 + 0.5) }' "/proc/$1/status"
}
archive() { # BYTES: a valid archive of about that size
	awk -v left="$1" 'BEGIN {
		printf "{\"version\":\"2.0.3\",\"users\":[{\"username\":\"anna\"," \
		    "\"movies\":["
		text = sprintf("%600s", "")
		gsub(/ /, "words ", text)
		for (i = 1; left > 5000; i++) {
			line = sprintf("%s{\"tmdb_id\":%d,\"title\":\"Title " \
			    "%d\",\"overview\":\"%s\"}\n", i > 1 ? "," : "", i, i,
			    text)
			left -= length(line)
			printf "%s", line
		}
		printf "],\"series\":[]}]}"
	}'
}

# The largest upload there may be, with little memory.
archive "$big" > "$tap_dir/big"
diag "$(($(stat -c %s "$tap_dir/big") / 1048576)) MiB"
now() { date +%s%N; }
since() { echo $((($(now) - $1) / 1000000)); }
began=$(now)
sha256sum "$tap_dir/big" > /dev/null
hash_ms=$(since "$began")
began=$(now)
get /api/system/restore -X POST -H "$octets" -H 'Expect:' -m 300 \
    -T "$tap_dir/big"
is "the largest upload is taken" "$status $(field state)" '202 checking'
upload_ms=$(since "$began")
ok "and checked" wait_for 300 checked
total_ms=$(since "$began")
is "it is whole" "$(field state) $(field error)" 'ready null'
diag "sha256sum $hash_ms ms, upload $upload_ms ms, to preview $total_ms ms"
for pid in $(workers_of "$api_pid") $(jobs_of "$api_pid"); do
	memory=$(rss "$pid")
	diag "$(cat "/proc/$pid/comm"): $memory MiB at most"
	[[ $build = *asan* ]] ||
		ok "in no more than 32 MiB" test "$memory" -le 32
done
get /api/system/restore -X DELETE
is "it is forgotten" "$status $(uploads)" '200 0'

# A byte too much, and a length that nobody tells.
truncate -s $((big + 1)) "$tap_dir/big"
for length in 'Content-Type: application/octet-stream' \
    'Transfer-Encoding: chunked'; do
	get /api/system/restore -X POST -H "$octets" -H "$length" -H 'Expect:' \
	    -m 300 -T "$tap_dir/big"
	is "too much is refused" "$status $(field code)" '413 body_too_large'
	like "and the limit named" "$(field error)" "$big bytes"
	ok "nothing is left" wait_for 20 no_upload
done
rm "$tap_dir/big"

# One at a time, of those that are allowed.
head -c 20000000 /dev/zero > "$tap_dir/slow"
slow() {
	curl -s -m 60 --noproxy '*' -o /dev/null -H "$octets" -H 'Expect:' \
	    --limit-rate 100k -T "$tap_dir/slow" -X POST \
	    "http://127.0.0.1:$port/api/system/restore" &
	slow_pid=$!
	started "$slow_pid"
}
slow
ok "a slow upload is under way" wait_for 10 some_upload
get /api/system/restore -X POST -H "$octets" -d '{}'
is "a second one waits for it" "$status $(field code)" '429 too_many_requests'
kill "$slow_pid"
ok "broken off, it leaves nothing" wait_for 20 no_upload
exec 5<>"/dev/tcp/127.0.0.1/$port"
printf 'POST /api/system/restore HTTP/1.1\r\nHost: jair.example\r\n%s\r\n' \
    $'Content-Type: application/json\r\nContent-Length: 900000\r\n\r\nabc' >&5
read -r _ answer _ <&5
is "a stranger is refused" "$answer" 403
get /api/system/restore -X POST -H "$octets" -d '{"users":7}'
is "and keeps nobody out by reading on" "$status" 202
exec 5>&-
ok "it is checked" wait_for 20 checked

# A user with a session, whose cookie is in $token.
token=$(printf '%064d' 7)
member() {
	query "INSERT INTO User (id, username) VALUES (1, 'anna')"
	query "INSERT INTO JairSession (tokenHash, userId, isAdmin, createdAt,
	    lastUsedAt, expiresAt) VALUES ('$(printf %s "$token" | sha256sum |
	    cut -c 1-64)', 1, 0, '2026-01-05T10:30:00.037Z',
	    strftime('%Y-%m-%dT%H:%M:%fZ', 'now'),
	    strftime('%Y-%m-%dT%H:%M:%fZ', 'now', '+10 days'))"
}

# A user's imports wait for each other.
member
job_pid=$(jobs_of "$api_pid")
kill -STOP "$job_pid"
get /api/settings/import -X POST -H "$octets" -b "jair_session=$token" -d '{}'
is "an import" "$status" 202
get /api/settings/import -X POST -H "$octets" -b "jair_session=$token" -d '{}'
is "the next one waits for it" "$status $(field code)" '409 import_under_way'
kill -CONT "$job_pid"
ok "nothing of them is left" wait_for 20 no_upload

# A commit of seconds keeps readers out; the first page does not wait.
for _ in 1 2 3 4 5 6 7 8; do get /api/system/status; done
before=$body
mkfifo "$tap_dir/fifo"
sqlite3 "$data/dev.db" > "$tap_dir/locker.out" 2>&1 < <(
	echo 'BEGIN EXCLUSIVE; SELECT "locked";'
	exec 4<>"$tap_dir/fifo"
	read -r _ <&4
	echo 'COMMIT;'
) &
locker=$!
started "$locker"
wait_for 10 grep -q locked "$tap_dir/locker.out"
get /api/system/status -m 3
is "the status of moments ago is told" "$status $body" "200 $before"
get /api/system/status -b "jair_session=$token" -m 3
is "also who is logged in" "$status $body" "200 $before"
echo > "$tap_dir/fifo" &
wait $!
ended "$locker" 10
kill "$api_pid"
ended "$api_pid" 20

# A full disk.
if [ -n "${JAIR_TEST_MOUNTS:-}" ]; then
	data=$tap_dir/small
	mkdir "$data"
	mount -t tmpfs -o size=12m,mode=700 none "$data"
	boot || tap_fail "a boot on a small disk"
	start_api
	before=$(find "$data" -type f -printf '%P %s\n' | sort)
	get /api/system/restore -X POST -H "$octets" -H 'Expect:' \
	    -T "$tap_dir/slow"
	is "a full disk is told" "$status $(field code)" '507 disk_full'
	is "and nothing is left" "$(find "$data" -type f -printf '%P %s\n' |
	    grep -v '^\.jair\.upload' | sort)" "$before"
	member
	head -c 12M /dev/zero >"$data/full" 2>/dev/null
	get /api/settings/export -b "jair_session=$token"
	is "an export meets the full disk" "$status $(field code)" \
	    '507 disk_full'
	rm "$data/full"
	is "and leaves nothing" "$(find "$data" -name '*export*')" ""
	get /api/settings/export -b "jair_session=$token"
	is "with room it is there" "$status" 200
	get /api/system/status
	is "the rest goes on" "$status" 200
	kill "$api_pid"
	ended "$api_pid" 20
	umount "$data"
else
	skip "a full disk" "small file systems cannot be mounted here"
fi
ok "no sanitizer has complained" clean_log
done_testing
