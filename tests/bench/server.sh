# server.sh: the benchmark of everything that goes through nginx.  Source it
# after lib.sh and tests/lib-http.sh.
# shellcheck shell=bash disable=SC2154,SC2034,SC2317 # as in data.sh

status_path=/api/system/status

# serve_hello: the yardstick, as many workers behind the same nginx on a port
# of its own.
serve_hello() {
	local run=$tap_dir/hello sock=$tap_dir/hello/api.sock
	local own_port=$port
	mkdir -p "$run"
	"$build/bench/hello" "$sock" "$workers" &
	hello_pid=$!
	started "$hello_pid"
	own_nginx=$nginx_pid
	start_nginx || return 1
	hello_nginx=$nginx_pid
	hello_port=$port
	port=$own_port
}

# serve: jair and the yardstick.
serve() {
	workers=4
	make_data && start_api && start_nginx && serve_hello
}

# ticks PID...: processor time of these and of their children.
ticks() {
	local pid
	for pid in "$@" $(pgrep -P "$(IFS=,; echo "$*")"); do
		cat "/proc/$pid/stat"
	done | sed 's/.*) //' | awk '{ sum += $12 + $13 } END { print sum }'
}

# load PORT PATH LIST PID...: ask for a while; a line "[REQUESTS-A-SECOND,
# P99-IN-MS, TICKS-A-REQUEST]" to LIST, of the processes that answer.
load() {
	local port=$1 path=$2 list=$3 used
	shift 3
	used=$(ticks "$@")
	wrk -t1 -c16 -d "${seconds}s" --latency "http://127.0.0.1:$port$path" \
	    >"$tap_dir/said" || return 1
	used=$(($(ticks "$@") - used))
	if grep -q 'Non-2xx' "$tap_dir/said"; then
		echo "bench: $path was refused:" >&2
		cat "$tap_dir/said" >&2
		return 1
	fi
	awk -v used="$used" '/^ *99%/ { p99 = $2 }
	    / requests in / { requests = $1 }
	    /^Requests\/sec:/ { rate = $2 }
	    END { ms = p99 ~ /us$/ ? p99 / 1000 : p99 ~ /ms$/ ? p99 + 0 : \
		p99 * 1000
		print "[" rate "," ms "," used / requests "]" }' \
	    "$tap_dir/said" >>"$list"
}

# bench_http: the first page's question, against the least that a worker can
# do.  Its cpu column is how many requests the same processor time answers.
bench_http() {
	local i
	: >"$tap_dir/ours"
	: >"$tap_dir/yard"
	: >"$tap_dir/static"
	for ((i = 0; i < runs; i++)); do
		load "$port" "$status_path" "$tap_dir/ours" "$api_pid" \
		    "$own_nginx" &&
		    load "$hello_port" "$status_path" "$tap_dir/yard" \
			"$hello_pid" "$hello_nginx" &&
		    load "$port" / "$tap_dir/static" "$own_nginx" || return 1
	done
	add_row "$(jq -nc --slurpfile ours "$tap_dir/ours" \
	    --slurpfile yard "$tap_dir/yard" "$median"'
	    def rate: map(.[0]) | median | round;
	    {what: "GET /api/system/status", size: "-", unit: "/s",
	    ours: ($ours | rate), yardstick: ($yard | rate),
	    ratio: ([$ours, $yard] | transpose | map(.[0][0] / .[1][0]) |
		median | round(3)),
	    cpu_ratio: ([$ours, $yard] | transpose |
		map(.[1][2] / .[0][2]) | median | round(3)),
	    target: 0.8, bound: "least", runs: ($ours | length)}')"
	value 'status: 99 of 100 within' - ms "$(jq -s "$median"'
	    map(.[1]) | median | round(2)' "$tap_dir/ours")" 10
	value 'hello: 99 of 100 within' - ms "$(jq -s "$median"'
	    map(.[1]) | median | round(2)' "$tap_dir/yard")" ''
	value 'nginx: a static page' - /s "$(jq -s "$median"'
	    map(.[0]) | median | round' "$tap_dir/static")" ''
}

# processes: all of ours that serve.
processes() {
	echo "$api_pid"
	pgrep -P "$api_pid"
}

# memory_of FILE NAME: MiB, the sum over our processes of what a file of
# theirs says under NAME.
memory_of() {
	local pid
	for pid in $(processes); do
		cat "/proc/$pid/$1"
	done | awk -v name="$2:" '$1 == name { kib += $2 }
	    END { printf "%.1f\n", kib / 1024 }'
}

# bench_idle: memory while nothing is asked, pages that are shared split.
bench_idle() {
	value 'idle memory (PSS)' - MiB "$(memory_of smaps_rollup Pss)" 24
}

# largest: MiB, the most that any of our processes ever held.
largest() {
	local pid
	for pid in $(processes); do
		cat "/proc/$pid/status"
	done | awk '/^VmHWM:/ && $2 > kib { kib = $2 }
	    END { printf "%.1f\n", kib / 1024 }'
}

# upload_archive: sent, checked, its preview there.
upload_archive() {
	timed tests/bench/upload.sh "$port" "$archive" &&
	    forget
}
forget() {
	get /api/system/restore -X DELETE
	[ "$status" = 200 ]
}
hash_by_hand() {
	timed sha256sum "$archive"
}

# bench_upload MIB: an archive of about that size, at most.
bench_upload() {
	local users=$(($1 * 94 / 1024)) # of 20,000 items, 11 MiB each
	archive=$tap_dir/upload.json
	[ "$users" -gt 0 ] || users=1
	"$build/bench/gendb" "$tap_dir/upload.db" "$users" 20000 1 &&
	    "$build/bench/parts" write "$tap_dir/upload.db" "$archive" &&
	    rm "$tap_dir/upload.db" &&
	    compare 'upload to preview' "${1}M" 10 upload_archive \
		hash_by_hand elsewhere || return 1
	value 'upload: greatest process' "${1}M" MiB "$(largest)" 32
	rm "$archive"
}
