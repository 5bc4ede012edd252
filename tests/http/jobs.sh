#!/bin/bash
# Without these tests a power cut or a killed server could lose what somebody
# waits for, run it twice, or leave a server that does no job any more.
# shellcheck disable=SC2154,SC2317 # from the libraries; called by wait_for
cd "$(dirname "$0")/../.." || exit 1
. tests/lib.sh
. tests/lib-http.sh

q() { sqlite3 -cmd '.timeout 20000' "$data/dev.db" "$1"; }
# queue TYPE [INPUT]: put a job into the queue behind the server's back; the
# job worker sees it when it starts.
queue() {
	q "INSERT INTO Job (type, state, userId, input, createdAt) VALUES ('$1',
	    'queued', 1, nullif('${2:-}', ''), 'now'); SELECT last_insert_rowid()"
}
state_is() { [ "$(q "SELECT state FROM Job WHERE id = $1")" = "$2" ]; }
kill_all() { # every process of the server, the master first
	local pids
	pids="$api_pid $(pgrep -P "$api_pid")"
	# shellcheck disable=SC2086 # a list
	kill -KILL $pids
	# shellcheck disable=SC2086
	for pid in $pids; do wait_for 10 gone "$pid"; done
	wait "$api_pid" 2>/dev/null
}

# A household with enough in it that a backup takes a while.
make_data
q "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE
i < 40000) INSERT INTO Media (tmdbId, mediaType, title) SELECT i, 'movie',
'Title ' || i FROM n;
INSERT INTO User (id, username) VALUES (1, 'anna');
INSERT INTO UserMedia (userId, mediaId, status) SELECT 1, id, 'WATCHED' FROM
Media" || diag "no data"

id=$(queue backup)
start_api
ok "a queued job runs when the server starts" wait_for 60 state_is "$id" 'done'
is "and tells its result" "$(q "SELECT json_extract(result, '\$.items') FROM
    Job WHERE id = $id")" 40000

# kill -9 of every process, in the middle.
kill "$api_pid"
ended "$api_pid" 20
id=$(queue backup)
start_api
ok "kill -9 of all: the job runs" wait_for 30 state_is "$id" running
kill_all
is "kill -9 of all: the row stays" "$(q "SELECT state FROM Job
    WHERE id = $id")" running
start_api
ok "kill -9 of all: after a restart it ends" wait_for 60 state_is "$id" 'done'
is "kill -9 of all: counted" "$(q "SELECT attempts FROM Job
    WHERE id = $id")" 1
ok "kill -9 of all: the archive is whole" "$build/jair-init" verify \
    "$data/backup_latest.json"
is "kill -9 of all: nothing is damaged" "$(q 'PRAGMA integrity_check')" ok

# kill -9 of the job worker alone: the next one goes on.
kill "$api_pid"
ended "$api_pid" 20
id=$(queue backup)
start_api
wait_for 30 state_is "$id" running
pid=$(jobs_of "$api_pid")
kill -KILL "$pid"
ok "kill -9 of the job worker: the next one does it" \
    wait_for 60 state_is "$id" 'done'

# kill -9 of the master: the old job worker puts its job back or ends it, and
# leaves the socket to the next server at once.
kill "$api_pid"
ended "$api_pid" 20
id=$(queue backup)
start_api
wait_for 30 state_is "$id" running
old=$(pgrep -P "$api_pid")
kill -KILL "$api_pid"
wait "$api_pid" 2>/dev/null
workers_gone() {
	local pid
	# shellcheck disable=SC2009
	for pid in $old; do
		[ "$(cat "/proc/$pid/comm" 2>/dev/null)" != jair-api ] || return 1
	done
}
wait_for 20 workers_gone
start_api
ok "kill -9 of the master: a new server starts" direct_ok
ok "kill -9 of the master: the job ends" wait_for 60 state_is "$id" 'done'
for pid in $old; do wait_for 20 gone "$pid"; done
is "kill -9 of the master: one job worker is left" \
    "$(jobs_of "$api_pid" | wc -l)" 1

# SIGTERM in the middle: the job waits for the next start, or has ended.
kill "$api_pid"
ended "$api_pid" 20
id=$(queue backup)
start_api
wait_for 30 state_is "$id" running
kill "$api_pid"
ok "SIGTERM: the server ends" ended "$api_pid" 20
is "SIGTERM: exit status" "$ended_status" 0
like "SIGTERM: the job is queued or done" "$(q "SELECT state || attempts FROM
    Job WHERE id = $id")" '^(queued|done)0$'
start_api
ok "SIGTERM: it ends after the next start" wait_for 60 state_is "$id" 'done'

# While a job runs, requests are answered.
kill "$api_pid"
ended "$api_pid" 20
id=$(queue backup)
start_api
served=0
while ! state_is "$id" 'done'; do
	[[ $(direct /api/system/status) == *configured* ]] || break
	served=$((served + 1))
done
ok "the status is served while a job runs" state_is "$id" 'done'
like "the log tells of jobs" "$(cat "$tap_dir/api.log")" \
    'event=job_done job=[0-9]+ type=backup ms=[0-9]+'
kill "$api_pid"
ended "$api_pid" 20
done_testing
