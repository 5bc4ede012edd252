#!/usr/bin/env bash
# run.sh: boot, serve, stop.  `make run` calls it after the build, with every
# setting in the environment.  Runs jair-init, then jair-api, then nginx; ends
# when one of them ends or on INT, TERM or HUP, and leaves nothing behind.
set -u
umask 077
PATH=$PATH:/usr/sbin:/sbin

cd "$(dirname "$0")/.." || exit 2
top=$PWD
build=${JAIR_BUILD:-build/release}
port=${PORT:-5173}
listen=${JAIR_LISTEN:-127.0.0.1}
data=${DATA_DIR:-./data}
restore_max=${JAIR_RESTORE_MAX:-1073741824}
ready_seconds=30

run=''			# our folder, removed at the end
socket_dir=''		# the socket's own folder, when it needs one
api_pid=''
nginx_pid=''
init_pid=''
stopping=''		# set once a signal asked us to end

say() { printf '%s\n' "$*"; }
fail() { # STATUS MESSAGE...
	local status=$1
	shift
	printf 'make run: %s\n' "$*" >&2
	exit "$status"
}

# Wait up to SECONDS for a process, or for a group (-PGID), to be gone.
# shellcheck disable=SC2317 # clean_up calls it
wait_gone() { # SECONDS PID
	local ticks=$(($1 * 20))
	while kill -0 -- "$2" 2>/dev/null && [ "$ticks" -gt 0 ]; do
		sleep 0.05
		ticks=$((ticks - 1))
	done
}

# End a child, wait for it and kill it if it hangs; then what it left in its
# process group, for nginx's workers outlive a master that was killed.
# shellcheck disable=SC2317 # clean_up calls it
end_child() { # PID SIGNAL
	[ -n "$1" ] || return 0
	kill -s "$2" "$1" 2>/dev/null
	wait_gone 15 "$1"
	kill -KILL "$1" 2>/dev/null
	wait "$1" 2>/dev/null
	kill -TERM -- "-$1" 2>/dev/null || return 0
	wait_gone 5 "-$1"
	kill -KILL -- "-$1" 2>/dev/null
}

# nginx first, with its way of finishing what it began, so that no one is
# sent to workers that are gone.
# shellcheck disable=SC2317 # the trap below calls it
clean_up() {
	local served=$api_pid$stopping
	trap '' INT TERM HUP
	end_child "$init_pid" TERM
	end_child "$nginx_pid" QUIT
	end_child "$api_pid" TERM
	[ -z "$run" ] || rm -rf "$run"
	[ -z "$socket_dir" ] || rm -rf "$socket_dir"
	[ -z "$served" ] || say "jair has stopped."
}
trap clean_up EXIT
# Before anything serves a signal ends the run at once; then it ends the wait.
trap 'stopping=1; [ -n "$nginx_pid" ] || exit 0' INT TERM HUP

# Start a program that gets no signal from the terminal (we pass it on), ends
# when we are killed, and holds none of our locks.
start() { # PROGRAM ARG...
	setsid setpriv --pdeathsig TERM "$@" 7<&- 8<&- &
}

check_settings() {
	local cmd
	for cmd in nginx curl flock setsid setpriv; do
		command -v "$cmd" >/dev/null ||
			fail 2 "the program $cmd is missing; conf/setup.sh run installs it."
	done
	case $port in
	'' | *[!0-9]*) fail 1 "PORT is \"$port\"; it must be a number from 1 to 65535." ;;
	esac
	if [ "${#port}" -gt 5 ] || [ "$port" -lt 1 ] || [ "$port" -gt 65535 ]; then
		fail 1 "PORT is $port; it must be a number from 1 to 65535."
	fi
	case $listen in
	*[!0-9a-zA-Z.:_-]*) fail 1 "JAIR_LISTEN is \"$listen\"; it must be an address without brackets." ;;
	esac
	case $restore_max in
	'' | *[!0-9]*) fail 1 "JAIR_RESTORE_MAX is \"$restore_max\"; it must be a number of bytes." ;;
	esac
	case $top$data${JAIR_SOCKET:-} in
	*[\"\$\\]*) fail 1 "A path holds \", \$ or \\, which nginx cannot be told: $top, $data." ;;
	esac
}

# Where curl and people find the server; an address of all interfaces is none.
client_address() {
	case $listen in
	0.0.0.0) printf 127.0.0.1 ;;
	::) printf '[::1]' ;;
	*:*) printf '[%s]' "$listen" ;;
	*) printf '%s' "$listen" ;;
	esac
}

check_port() {
	local host
	host=$(client_address)
	host=${host#\[} host=${host%\]}
	if (exec 3<>"/dev/tcp/$host/$port") 2>/dev/null; then
		fail 5 "port $port is in use by another program. Choose another one: make run PORT=$((port % 65535 + 1))"
	fi
}

# One run a data folder, one a port: two locks, held until this shell ends.
take_data() {
	mkdir -p "$data" || fail 2 "the data folder $data cannot be created."
	exec 7>>"$data/.jair.run" ||
		fail 2 "the data folder $data cannot be written."
	flock -n 7 || fail 5 "jair already runs on the data folder $data. Stop that one, or choose another folder: make run DATA_DIR=/somewhere PORT=$((port % 65535 + 1))"
}

take_run_dir() {
	local dir=$top/build/run/$port
	mkdir -p "$dir" || fail 2 "the folder $dir cannot be created."
	exec 8<"$dir"
	if ! flock -n 8 || ! [ /dev/fd/8 -ef "$dir" ]; then
		fail 5 "another jair from this folder is starting or stopping on port $port. Try again, or choose another port: make run PORT=$((port % 65535 + 1))"
	fi
	# What a killed run left.
	rm -rf "${dir:?}"/*
	chmod 750 "$dir"
	run=$dir
}

# A socket's path has at most 107 bytes, and a checkout may lie deep.
choose_socket() {
	local LC_ALL=C
	[ -z "${JAIR_SOCKET:-}" ] || return 0
	JAIR_SOCKET=$run/api.sock
	if [ "${#JAIR_SOCKET}" -gt 107 ]; then
		socket_dir=$(mktemp -d "${XDG_RUNTIME_DIR:-/tmp}/jair.XXXXXX") ||
			fail 2 "no folder for the socket in ${XDG_RUNTIME_DIR:-/tmp}."
		chmod 750 "$socket_dir"
		JAIR_SOCKET=$socket_dir/api.sock
	fi
	export JAIR_SOCKET
}

# A value as the right side of sed's s|||.
quoted() { printf '%s' "$1" | sed 's/[&|\\]/\\&/g'; }

write_conf() {
	local user='' address=$listen socket=$JAIR_SOCKET
	# As root, nginx would hand its workers to another user, who may not
	# enter our 0750 folder with the 0660 socket.  This run is local and
	# has nothing else to give away; a real server runs as its own user.
	[ "$(id -u)" != 0 ] || user='user root;'
	case $address in *:*) address="[$address]" ;; esac
	case $socket in /*) ;; *) socket=$top/$socket ;; esac
	sed -e "s|@RUN@|$(quoted "$run")|g" -e "s|@HTML@|$(quoted "$top/html")|g" \
		-e "s|@SOCKET@|$(quoted "$socket")|g" -e "s|@USER@|$user|" \
		-e "s|@LISTEN@|$address|" -e "s|@PORT@|$port|" \
		-e "s|@RESTORE_MAX@|$restore_max|g" \
		conf/nginx.conf > "$run/nginx.conf"
	nginx -t -q -p "$run" -e "$run/error.log" -c "$run/nginx.conf" ||
		fail 2 "nginx refuses its configuration; see above."
}

boot() {
	local status
	start "$build/jair-init"
	init_pid=$!
	wait "$init_pid"
	status=$?
	init_pid=
	[ "$status" = 0 ] || exit "$status"
}

alive() { kill -0 "$1" 2>/dev/null; }

# Wait until a test holds, or its program has ended, or the time is over.
wait_until() { # PID SECONDS COMMAND...
	local pid=$1 end=$((SECONDS + $2))
	shift 2
	until "$@"; do
		[ -z "$stopping" ] || exit 0
		alive "$pid" && [ "$SECONDS" -le "$end" ] || return 1
		sleep 0.02
	done
}

# The end of a part's life, in words; its status when it has one.
died() { # NAME PID
	local status
	wait "$2"
	status=$?
	[ -z "$stopping" ] || exit 0
	[ "$1" != nginx ] || tail -n 5 "$run/error.log" >&2
	[ "$status" != 0 ] || status=2
	fail "$status" "$1 has ended (status $status); the rest is stopped too."
}

ask() { # PATH: the answer, then a line with its status
	curl -s -m 5 --noproxy '*' -w '\n%{http_code}' \
		"http://$(client_address):$port$1"
}
# shellcheck disable=SC2317 # wait_until calls it
is_ready() { [ "$(ask /api/ready | tail -n 1)" = 200 ]; }

serve() {
	start "$build/jair-api"
	api_pid=$!
	wait_until "$api_pid" "$ready_seconds" test -S "$JAIR_SOCKET" ||
		died jair-api "$api_pid"
	start nginx -p "$run" -e "$run/error.log" -c "$run/nginx.conf"
	nginx_pid=$!
	if ! wait_until "$nginx_pid" "$ready_seconds" is_ready; then
		alive "$nginx_pid" || died nginx "$nginx_pid"
		fail 3 "jair is not ready after $ready_seconds s: $(ask /api/ready)"
	fi
	say "jair is ready: http://localhost:$port  (data in $data; Ctrl-C stops it)"
}

check_settings
check_port
take_data
take_run_dir
choose_socket
write_conf
boot
serve
wait -n "$api_pid" "$nginx_pid"
[ -z "$stopping" ] || exit 0
alive "$nginx_pid" && died jair-api "$api_pid"
died nginx "$nginx_pid"
