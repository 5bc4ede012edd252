#!/bin/bash
# Without these tests one crash, one hung client or one clumsy restart could
# take the whole service away, or leave a server that nobody can stop.
# shellcheck disable=SC2154,SC2317 # from the libraries; called by wait_for
cd "$(dirname "$0")/../.." || exit 1
. tests/lib.sh
. tests/lib-http.sh

# fails NAME STATUS REGEX: start jair-api, which must refuse.
fails() {
	local out rc
	out=$(timeout 30 env DATA_DIR="$data" JAIR_SOCKET="$sock" \
	    "$build/jair-api" 2>&1)
	rc=$?
	is "$1: exit status" "$rc" "$2"
	like "$1: says why" "$out" "$3"
}

# Arguments.
like "--version" "$(api --version)" '^jair-api [0-9]+\.[0-9]+\.[0-9]+$'
like "--help names the settings" "$(api --help)" 'JAIR_WORKERS'
api serve 2>"$tap_dir/out"
is "unknown argument: exit status" $? 1
like "unknown argument: says so" "$(<"$tap_dir/out")" 'takes no arguments'
for setting in JAIR_WORKERS=0 JAIR_WORKERS=65 JAIR_WORKERS=x JAIR_LOG=xml \
    JAIR_SETUP_CODE_REQUIRED=yes DATABASE_URL=postgres://x; do
	out=$(env "$setting" DATA_DIR="$data" "$build/jair-api" 2>&1)
	is "$setting: exit status" $? 1
	like "$setting: is named" "$out" "${setting%%=*} is"
done

# What must be there before it serves.
fails "no data folder" 3 'no data folder.*jair-init.*make run.*docker compose up -d'
mkdir -p "$data"
fails "no database" 3 'no database.*jair-init.*make run'
ok "no database was made" test ! -e "$data/dev.db"
make_data
sqlite3 "$data/dev.db" 'PRAGMA user_version = 0'
fails "tables not synced" 3 'not up.to date.*jair-init'
sqlite3 "$data/dev.db" 'PRAGMA user_version = 99'
fails "newer database" 3 'newer jair'
sqlite3 "$data/dev.db" 'PRAGMA user_version = 1; DROP TABLE StagedRestore'
fails "a table is missing" 3 'does not compile.*jair-init'
head -c 8192 /dev/urandom > "$data/dev.db"
fails "not a database" 4 'not a database'
make_data
exec 5>"$data/.jair.serving"
flock -x 5
fails "the data is being moved" 5 'lock.*jair.serving'
exec 5>&-

# The socket.
long=$tap_dir/$(printf '%120s' '' | tr ' ' s)
good=$sock
sock=$long
fails "path too long" 1 'allows 107.*JAIR_SOCKET'
sock=$tap_dir/file
echo precious > "$sock"
fails "something else bears the name" 2 'is not a socket'
is "and is untouched" "$(<"$sock")" precious
sock=$tap_dir/new/folder/api.sock
ok "missing folders are made" start_api
is "socket: mode" "$(mode "$sock")" 660
is "socket: mode of its folder" "$(mode "$tap_dir/new/folder")" 750
fails "second server" 5 'Another jair-api answers'
ok "the first one goes on" direct_ok
exec 5>"$data/.jair.serving"
not_ok "the serving lock is held" flock -n -x 5
kill -KILL "$api_pid"
wait "$api_pid" 2>/dev/null
free_lock() { flock -n -x 5; }
ok "killed master: its workers end too, the lock is free" \
    wait_for 20 free_lock
exec 5>&-
ok "killed master: its socket is left" test -S "$sock"
ok "a stale socket is replaced" start_api
rm "$sock"
echo other > "$sock"
kill "$api_pid"
ok "SIGTERM ends it" ended "$api_pid" 20
is "SIGTERM: exit status" "$ended_status" 0
is "a name that is no longer ours stays" "$(<"$sock")" other

sock=$good
start_api
start_nginx
for signal in INT HUP TERM; do
	kill -s "$signal" "$api_pid"
	ended "$api_pid" 20
	is "SIG$signal: exit status" "$ended_status" 0
	ok "SIG$signal: the socket is gone" test ! -e "$sock"
	get /api/health
	is "SIG$signal: nginx says so in JSON" "$status $(field code)" \
	    '502 service_unreachable'
	start_api
done

# A worker dies.
served() { get /api/health; [ "$status" = 200 ]; }
before=$(workers_of "$api_pid" | sort)
is "two workers" "$(wc -l <<<"$before")" 2
sleep_over_youth() { [ "$(( $(date +%s%N) / 1000000 - born ))" -gt 1000 ]; }
born=$(( $(date +%s%N) / 1000000 ))
wait_for 5 sleep_over_youth
for pid in $before; do kill -KILL "$pid"; done
replaced() {
	local now
	now=$(workers_of "$api_pid" | sort)
	[ "$(wc -l <<<"$now")" = 2 ] && [ -z "$(comm -12 <(echo "$before") \
	    <(echo "$now"))" ]
}
ok "killed workers are replaced" wait_for 20 replaced
ok "and the service goes on" served
like "the log says which and why" "$(grep worker_died "$tap_dir/api.log")" \
    'event=worker_died pid=[0-9]+ signal=9'

pid=$(jobs_of "$api_pid")
is "one job worker" "$(wc -w <<<"$pid")" 1
kill -KILL "$pid"
other() { [ -n "$(jobs_of "$api_pid")" ] && [ "$(jobs_of "$api_pid")" != "$pid" ]; }
ok "a killed job worker is replaced" wait_for 20 other

# Young workers that die wait longer each time.
workers=1
kill "$api_pid"
ended "$api_pid" 20
start_api
first=$(date +%s%N)
for _ in 1 2 3 4; do
	one_worker() { [ -n "$(workers_of "$api_pid")" ]; }
	wait_for 20 one_worker
	kill -KILL "$(workers_of "$api_pid")" 2>/dev/null
	none() { [ -z "$(workers_of "$api_pid")" ]; }
	wait_for 5 none
done
ok "back-off: it comes back" wait_for 20 direct_ok
ms=$(( ($(date +%s%N) - first) / 1000000 ))
ok "back-off: not at once (1500 ms for four deaths; $ms)" test "$ms" -ge 1400
workers=2
kill "$api_pid"
ended "$api_pid" 20
start_api

# Workers are killed while a request waits for them.
pids=$(workers_of "$api_pid")
for pid in $pids; do kill -STOP "$pid"; done
curl -s -m 60 --noproxy '*' -o "$tap_dir/one" -w '%{http_code}' \
    "http://127.0.0.1:$port/api/health" > "$tap_dir/code" &
curl_pid=$!
started "$curl_pid"
for pid in $pids; do kill -KILL "$pid"; done
ok "killed workers: a waiting request is answered by the next" \
    ended "$curl_pid" 30
is "killed workers: with 200" "$(<"$tap_dir/code")" 200

# SIGTERM while a worker has a request: frozen workers, requests in the queue.
pids=$(workers_of "$api_pid")
for pid in $pids; do kill -STOP "$pid"; done
for n in 1 2 3 4; do
	curl -s -m 60 --noproxy '*' -o /dev/null -w '%{http_code}' \
	    "http://127.0.0.1:$port/api/system/status" > "$tap_dir/code$n" &
	curls[n]=$!
	started "${curls[n]}"
done
# The listening socket and one for each connection.
queued() { [ "$(grep -c " $sock\$" /proc/net/unix)" -ge 5 ]; }
wait_for 10 queued || diag "the queue was not seen"
kill "$api_pid"
unlinked() { [ ! -e "$sock" ]; }
ok "SIGTERM with requests waiting: nothing new is taken" \
    wait_for 10 unlinked
for pid in $pids; do kill -CONT "$pid"; done
ok "SIGTERM with requests waiting: it ends" ended "$api_pid" 20
is "SIGTERM with requests waiting: exit status" "$ended_status" 0
for n in 1 2 3 4; do
	ended "${curls[n]}" 20
	is "SIGTERM with requests waiting: request $n was answered" \
	    "$(<"$tap_dir/code$n")" 200
done

# A locked database holds one request up; SIGTERM lets it finish.
mkfifo "$tap_dir/fifo"
busy_wait=3 start_api
sqlite3 "$data/dev.db" > "$tap_dir/locker.out" 2>&1 < <(
	echo 'BEGIN EXCLUSIVE; SELECT "locked";'
	exec 4<>"$tap_dir/fifo"
	read -r _ <&4
	echo 'COMMIT;'
) &
locker=$!
started "$locker"
wait_for 10 grep -q locked "$tap_dir/locker.out"
curl -s -m 60 --noproxy '*' -o "$tap_dir/slow" -w '%{http_code}' \
    "http://127.0.0.1:$port/api/ready" > "$tap_dir/code" &
curl_pid=$!
started "$curl_pid"
get /api/health
is "a locked database: others are served meanwhile" "$status" 200
in_flight() {
	local pid
	for pid in $(workers_of "$api_pid"); do
		[ -n "$(find "/proc/$pid/fd" -lname "*/dev.db" 2>/dev/null)" ] &&
			return 0
	done
	return 1
}
ok "a locked database: the request is in flight" wait_for 10 in_flight
kill "$api_pid"
ok "SIGTERM with a slow request: it ends" ended "$api_pid" 20
is "SIGTERM with a slow request: exit status" "$ended_status" 0
ended "$curl_pid" 20
is "SIGTERM with a slow request: it was answered" \
    "$(<"$tap_dir/code") $(jq -r .reason "$tap_dir/slow")" \
    '503 database_busy'
echo > "$tap_dir/fifo" &
wait $!
ended "$locker" 10

# A worker that hangs is killed after 10 s.
start_api
pids=$(workers_of "$api_pid")
for pid in $pids; do kill -STOP "$pid"; done
began=$SECONDS
kill "$api_pid"
ok "a hung worker: the master ends all the same" ended "$api_pid" 30
is "a hung worker: exit status" "$ended_status" 0
ok "a hung worker: after its 10 s" test $((SECONDS - began)) -ge 9
for pid in $pids; do ok "a hung worker is gone" gone "$pid"; done

# Clients that go away, or talk nonsense.
start_api
for _ in $(seq 20); do
	curl -s -m 0.001 --noproxy '*' -o /dev/null \
	    "http://127.0.0.1:$port/api/system/status"
done
ok "clients that went away do no harm" served
before=$(workers_of "$api_pid" | sort)
for bytes in '\0' '\1\1\0\1\0\10\0\0' '\1\1\0\1\377\377\377\0xxxx' \
    '\1\4\0\1\0\10\0\0\377\377\377\377\377\377\377\377' 'GET / HTTP/1.0\r\n'; do
	# bash cannot talk to a unix socket; nginx's own parts can: curl.
	printf '%b' "$bytes" | timeout 5 curl -s -m 3 --noproxy '*' \
	    --unix-socket "$sock" -T - http://x/ >/dev/null 2>&1
done
ok "nonsense on the socket does no harm" served
is "and kills no worker" "$(workers_of "$api_pid" | sort)" "$before"
no_leak() {
	local pid n
	for pid in $(workers_of "$api_pid"); do
		n=$(find "/proc/$pid/fd" -lname 'socket:*' | wc -l)
		[ "$n" -le 1 ] || { diag "$n sockets in $pid"; return 1; }
	done
}
ok "and leaves no connection open" wait_for 15 no_leak

# JSON logs.
kill "$api_pid"
ended "$api_pid" 20
mv "$tap_dir/api.log" "$tap_dir/text.log"
JAIR_LOG=json start_api
served
kill "$api_pid"
ended "$api_pid" 20
every_line() { jq -e . "$tap_dir/api.log" >/dev/null; }
ok "JAIR_LOG=json: every line is an object" every_line
is "JAIR_LOG=json: a request" "$(jq -r 'select(.event == "request") |
    .status' "$tap_dir/api.log" | tail -1)" 200
not_ok "no sanitizer has complained" grep -hE \
    'ERROR: (Address|Leak)Sanitizer|runtime error' "$tap_dir/text.log" \
    "$tap_dir/api.log"
done_testing
