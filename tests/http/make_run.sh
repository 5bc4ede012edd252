#!/bin/bash
# Without these tests `make run` could leave servers behind, let two runs
# trample on one another's data, or hide why it does not start.
# shellcheck disable=SC2154,SC2317 # from the libraries; called by wait_for
cd "$(dirname "$0")/../.." || exit 1
. tests/lib.sh
. tests/lib-http.sh
if [ ! -x "$build/jair-init" ]; then
	echo "1..0 # SKIP $build/jair-init is not built"
	exit 0
fi
unset JAIR_SOCKET
export JAIR_BUILD=$build

# run NAME PORT DATA [VAR=VALUE...]: start conf/run.sh as a terminal would, in
# a process group of its own; its output in $tap_dir/NAME.
run() {
	local name=$1 port=$2 data=$3
	shift 3
	# env --default-signal: a shell ignores INT in background jobs.
	# shellcheck disable=SC2086 # args is a list of words
	env --default-signal=INT,TERM,HUP PORT="$port" DATA_DIR="$data" "$@" \
	    setsid "${program:-conf/run.sh}" ${args:-} \
	    > "$tap_dir/$name" 2>&1 </dev/null &
	run_pid=$!
	started "$run_pid"
}
says() { grep -qs -- "$2" "$tap_dir/$1"; }
is_ready() { says "$1" "jair is ready: http://localhost:"; }
# Every process below one.
below() {
	local pid
	for pid in $(pgrep -P "$1"); do
		echo "$pid"
		below "$pid"
	done
}
all_gone() {
	local pid
	for pid in "$@"; do gone "$pid" || return 1; done
}
# stopped NAME PORT PIDS...: the run $run_pid has ended and left nothing.
stopped() {
	local name=$1 port=$2
	shift 2
	ok "$name: it ends" ended "$run_pid" 30
	ok "$name: no process is left" wait_for 10 all_gone "$@"
	ok "$name: its folder is gone" test ! -e "build/run/$port"
	not_ok "$name: the port is free" listening
}

port=$(free_port)
one=$port
run first "$port" "$tap_dir/one"
first_pid=$run_pid
ok "starts" wait_for 60 is_ready first
get /api/ready
is "ready through nginx" "$status" 200
is "a new data folder: mode" "$(mode "$tap_dir/one")" 700
is "run folder: mode" "$(mode "build/run/$port")" 750
is "socket: mode" "$(mode "build/run/$port/api.sock")" 660
like "says where the data is" "$(<"$tap_dir/first")" "data in $tap_dir/one"

# Beside it.
port=$(free_port)
run same_data "$port" "$tap_dir/one"
ok "the same data folder twice: refused" ended "$run_pid" 30
is "the same data folder twice: status" "$ended_status" 5
like "the same data folder twice: says so" "$(<"$tap_dir/same_data")" \
    'already runs on the data folder.*DATA_DIR='
run same_port "$one" "$tap_dir/other"
ok "the same port twice: refused" ended "$run_pid" 30
is "the same port twice: status" "$ended_status" 5
like "the same port twice: says so" "$(<"$tap_dir/same_port")" \
    "port $one is in use.*PORT="
ok "the same port twice: no data folder was made" test ! -e "$tap_dir/other"
run second "$port" "$tap_dir/two"
second_pid=$run_pid
ok "another port and folder: starts beside it" wait_for 60 is_ready second
second_pids=$(below "$second_pid")

run_pid=$first_pid
port2=$port port=$one
pids=$(below "$first_pid")
kill -INT -- "-$first_pid"
# shellcheck disable=SC2086 # lists of words
stopped "Ctrl-C" "$one" $pids
is "Ctrl-C: status" "$ended_status" 0
like "Ctrl-C: last word" "$(tail -n 1 "$tap_dir/first")" 'jair has stopped\.'
port=$port2
get /api/ready
is "the other one goes on" "$status" 200

# A part dies.
api=$(pgrep -P "$second_pid" jair-api)
kill -KILL "$api"
run_pid=$second_pid
# shellcheck disable=SC2086
stopped "jair-api killed" "$port" $second_pids
ok "jair-api killed: status is not 0" test "$ended_status" != 0
like "jair-api killed: says so" "$(<"$tap_dir/second")" 'jair-api has ended'
run third "$port" "$tap_dir/two"
wait_for 60 is_ready third
pids=$(below "$run_pid")
kill -KILL "$(pgrep -P "$run_pid" nginx)"
# shellcheck disable=SC2086
stopped "nginx killed" "$port" $pids
ok "nginx killed: status is not 0" test "$ended_status" != 0
like "nginx killed: says so" "$(<"$tap_dir/third")" 'nginx has ended'

# The script itself is killed: nothing can clean up, but nobody serves on.
run fourth "$port" "$tap_dir/two"
wait_for 60 is_ready fourth
pids=$(below "$run_pid")
kill -KILL "$run_pid"
# shellcheck disable=SC2086
ok "killed script: no process is left" wait_for 20 all_gone $pids
run fifth "$port" "$tap_dir/two"
ok "killed script: the next run starts all the same" wait_for 60 \
    is_ready fifth
for signal in TERM HUP; do
	pids=$(below "$run_pid")
	kill -s "$signal" "$run_pid"
	# shellcheck disable=SC2086
	stopped "SIG$signal" "$port" $pids
	is "SIG$signal: status" "$ended_status" 0
	[ "$signal" = HUP ] || run fifth "$port" "$tap_dir/two"
	[ "$signal" = HUP ] || wait_for 60 is_ready fifth
done

# Two at the same moment: both build, one after the other.
program=$(command -v make)
args='run --no-print-directory'
beside=$(free_port)
while [ "$beside" = "$port" ]; do beside=$(free_port); done
run left "$port" "$tap_dir/left data"
left_pid=$run_pid
run right "$beside" "$tap_dir/right data"
ok "make run twice at once: the one starts" wait_for 200 is_ready left
ok "make run twice at once: the other starts" wait_for 200 is_ready right
kill -TERM "$run_pid" "$left_pid"
ok "make run twice at once: the one ends" ended "$run_pid" 30
ok "make run twice at once: the other ends" ended "$left_pid" 30

# Through make, which passes TERM on.
args="run --no-print-directory PORT=$port"
args="$args DATA_DIR=$tap_dir/two"
run make "$port" "$tap_dir/wrong" JAIR_WORKERS=3
ok "make run: starts" wait_for 300 is_ready make
pids=$(below "$run_pid")
is "make run: a setting reaches the programs" "$(for pid in $pids; do
	ps -o comm= -p "$pid"; done | grep -c jair-api)" 4
kill -TERM "$run_pid"
# shellcheck disable=SC2086
stopped "make run, SIGTERM" "$port" $pids
run make2 "$port" "$tap_dir/wrong"
wait_for 60 is_ready make2
pids=$(below "$run_pid")
kill -INT -- "-$run_pid"
# shellcheck disable=SC2086
stopped "make run, Ctrl-C" "$port" $pids
like "make run, Ctrl-C: it has stopped cleanly" "$(<"$tap_dir/make2")" \
    'jair has stopped\.'
ok "what stands on make's command line counts" test ! -e "$tap_dir/wrong"
program='' args=''

# What goes wrong before anything serves.
run bad_port 70000 "$tap_dir/two"
ended "$run_pid" 20
is "bad PORT: status" "$ended_status" 1
like "bad PORT: says so" "$(<"$tap_dir/bad_port")" 'from 1 to 65535'
echo in the way > "$tap_dir/file"
run bad_dir "$port" "$tap_dir/file"
ended "$run_pid" 20
is "a file as data folder: status" "$ended_status" 2
like "a file as data folder: says so" "$(<"$tap_dir/bad_dir")" "$tap_dir/file"
mkdir "$tap_dir/damaged-data"
head -c 20000 /dev/urandom > "$tap_dir/damaged-data/dev.db"
run broken "$port" "$tap_dir/damaged-data" JAIR_RECOVERY=off
ok "a broken database: it ends" ended "$run_pid" 30
is "a broken database: with the boot's status" "$ended_status" 4
ok "a broken database: nothing is left" test ! -e "build/run/$port"

# A checkout too deep for a socket.
mkdir -p "$tap_dir/runtime"
deep=$tap_dir/$(printf '%90s' '' | tr ' ' d)
mkdir -p "$deep/conf" "$deep/build"
cp conf/run.sh conf/nginx.conf "$deep/conf/"
ln -s "$PWD/html" "$deep/html"
program=$deep/conf/run.sh run deep "$port" "$tap_dir/two" \
    JAIR_BUILD="$(realpath "$build")" XDG_RUNTIME_DIR="$tap_dir/runtime"
ok "a deep folder: starts" wait_for 60 is_ready deep
is "a deep folder: mode of the socket's own folder" \
    "$(mode "$tap_dir"/runtime/jair.*)" 750
kill -TERM "$run_pid"
ok "a deep folder: ends" ended "$run_pid" 20
is "a deep folder: nothing is left" "$(ls -A "$tap_dir/runtime")" ''

# Its own socket, where the owner wants it; names with spaces.
run own "$port" "$tap_dir/with space & more" \
    JAIR_SOCKET="$tap_dir/own dir/s.sock"
ok "own socket, space in names: starts" wait_for 60 is_ready own
ok "own socket: is used" test -S "$tap_dir/own dir/s.sock"
kill -TERM "$run_pid"
ended "$run_pid" 20
ok "own socket: is removed" test ! -e "$tap_dir/own dir/s.sock"
done_testing
