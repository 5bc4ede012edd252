# lib-http.sh: a data folder, jair-api and nginx for shell tests.  Source it
# after tests/lib.sh.
# shellcheck shell=bash disable=SC2154,SC2034,SC2086

data=$tap_dir/data
run=$tap_dir/run
sock=$run/api.sock
port=
api_pid=
nginx_pid=

# make_data: a data folder as a good boot leaves it.
make_data() {
	mkdir -p "$data"
	rm -f "$data"/dev.db*
	sqlite3 "$data/dev.db" < core/schema.sql
	sqlite3 "$data/dev.db" 'PRAGMA user_version = 1;
	    INSERT INTO SystemConfig (id, isConfigured) VALUES (1, 0);'
	chmod 600 "$data/dev.db"
	boot_state ok launch ''
}

# boot_state STATE STEP MESSAGE: what the last boot is said to have done.
boot_state() {
	printf '%s\n2026-01-05T10:30:00.037Z\n%s\n%s\n' "$1" "$2" "$3" \
	    > "$data/.jair.boot"
}

# api ARG...: jair-api in the foreground, with our folders.
api() {
	DATA_DIR=$data JAIR_SOCKET=$sock "$build/jair-api" "$@"
}

# start_api: jair-api in the background, with its log in $tap_dir/api.log.
start_api() {
	DATA_DIR=$data JAIR_SOCKET=$sock JAIR_WORKERS=${workers:-2} \
	    JAIR_BUSY_WAIT=${busy_wait:-10} \
	    "$build/jair-api" 2>>"$tap_dir/api.log" &
	api_pid=$!
	started "$api_pid"
	wait_for 20 direct_ok
}

# direct PATH: ask the workers without nginx.
direct() {
	SCRIPT_NAME=$1 REQUEST_METHOD=GET REMOTE_ADDR=127.0.0.1 \
	    HTTP_HOST=localhost cgi-fcgi -bind -connect "$sock" 2>/dev/null
}
direct_ok() {
	[[ $(direct /api/health) == *'"status":"ok"'* ]]
}

# start_nginx: our nginx in front of $sock, on a free $port.
start_nginx() {
	local user=
	mkdir -p "$run"
	port=$(free_port)
	[ "$(id -u)" != 0 ] || user='user root;'
	sed -e "s|@RUN@|$run|g" -e "s|@HTML@|$PWD/html|g" \
	    -e "s|@SOCKET@|$sock|g" -e "s|@USER@|$user|" \
	    -e "s|@LISTEN@|127.0.0.1|" -e "s|@PORT@|$port|" \
	    -e "s|@RESTORE_MAX@|${restore_max:-1073741824}|g" \
	    conf/nginx.conf > "$run/nginx.conf"
	"$(PATH=$PATH:/usr/sbin command -v nginx)" -p "$run" \
	    -e "$run/error.log" -c "$run/nginx.conf" &
	nginx_pid=$!
	started "$nginx_pid"
	wait_for 20 listening
}
listening() {
	(exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null
}

# get PATH [CURL-ARG...]: the body; its status in $status, its headers in
# $headers.
get() {
	local path=$1
	shift
	status=$(curl -s -m 30 --noproxy '*' --path-as-is "$@" \
	    -D "$tap_dir/headers" -o "$tap_dir/body" -w '%{http_code}' \
	    "http://127.0.0.1:$port$path")
	headers=$(tr -d '\r' < "$tap_dir/headers")
	body=$(cat "$tap_dir/body" 2>/dev/null)
}

# answers: status and headers of some requests, but what differs each time.
answers() {
	local path
	for path in / /style.css /404 /.git/x /api/health /api/nothing /%zz; do
		get "$path" -H 'Accept-Encoding: gzip' 2>/dev/null
		printf '%s %s\n' "$path" "$status"
		grep -viE '^(date|etag|last-modified|x-request-id|content-length):' \
		    <<<"$headers" | sort
	done
	get /api/auth/login -X POST -H 'Content-Type: application/json' \
	    -d "$(printf '%05000d' 0)"
	printf 'login %s %s\n' "$status" "$body"
}

# field NAME: a member of the last body.
field() {
	jq -r ".$1" "$tap_dir/body" 2>/dev/null
}

# ended PID SECONDS: wait for its end; its exit status in $ended_status.
ended() {
	wait_for "$2" gone "$1" || return 1
	wait "$1"
	ended_status=$?
}

# workers_of PID, jobs_of PID: the process ids of its workers; of its job
# worker, which bears another name.
workers_of() {
	pgrep -x -P "$1" jair-api 2>/dev/null
}
jobs_of() {
	pgrep -x -P "$1" jair-jobs 2>/dev/null
}

# mock NAME [STATE]: a service of tests/mock; its address in $<name>_url.
mock() {
	node "tests/mock/$1.mjs" --state "${2:-{\}}" \
	    >"$tap_dir/$1.port" 2>"$tap_dir/$1.err" &
	started $!
	wait_for 20 test -s "$tap_dir/$1.port" || return 1
	printf -v "$1_url" 'http://127.0.0.1:%s' "$(cat "$tap_dir/$1.port")"
}

# lie URL JSON: let a mock lie.
lie() {
	curl -s --noproxy '*' -o /dev/null -d "$2" "$1/__mock/lie"
}

# asked URL: what a mock was asked so far.
asked() {
	curl -s --noproxy '*' "$1/__mock/requests"
}

json='Content-Type: application/json'
octets='Content-Type: application/octet-stream'

# post PATH JSON [CURL-ARG...]
post() {
	local path=$1 text=$2
	shift 2
	get "$path" -X POST -H "$json" -d "$text" "$@"
}

# patient FUNCTION ARG...: get or post, again while nginx counts too many.
patient() {
	wait_for 60 let_in "$@"
}
let_in() {
	"$@"
	[ "$status" != 429 ] || [ "$(field code)" != too_many_requests ]
}

# query SQL: ask the database behind the server's back.
query() {
	sqlite3 -cmd '.timeout 20000' "$data/dev.db" "$1"
}

# checked: the uploaded archive has been looked at.
checked() {
	get /api/system/restore "$@"
	[ "$status" = 200 ] && [ "$(field state)" != checking ]
}

# clean_log: no sanitizer has complained.
clean_log() {
	! grep -qE 'ERROR: (Address|Leak)Sanitizer|runtime error' \
	    "$tap_dir"/*.log
}
