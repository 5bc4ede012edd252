# lib.sh: what shell tests share.  Source it from the root of the project:
#	. tests/lib.sh
# A test prints TAP: `plan 3` first, or `done_testing` as its last line.
# shellcheck shell=bash

set -u
# shellcheck disable=SC2034 # for those who source this file
build=${JAIR_BUILD:-build/release}
tap_count=0
tap_planned=
tap_failed=0
tap_pids=()
tap_dir=$(mktemp -d "${TMPDIR:-/tmp}/jair-test.XXXXXX") || exit 1

# End what `started` was told of, by its own process id, and remove the
# test's folder.
tap_cleanup() {
	local pid
	trap - EXIT INT TERM
	for pid in "${tap_pids[@]}"; do
		kill "$pid" 2>/dev/null
	done
	for pid in "${tap_pids[@]}"; do
		wait_for 10 gone "$pid" || kill -KILL "$pid" 2>/dev/null
		wait "$pid" 2>/dev/null
	done
	rm -rf "$tap_dir"
}
trap 'tap_cleanup' EXIT
trap 'tap_cleanup; exit 130' INT
trap 'tap_cleanup; exit 143' TERM

# gone PID: no such process, or one that has ended and was not waited for.
gone() {
	local state
	state=$(ps -o state= -p "$1" 2>/dev/null) || return 0
	[ "${state:0:1}" = Z ]
}

# started PID: end that process with the test.
started() {
	tap_pids+=("$1")
}

# plan N: there will be N tests.
plan() {
	tap_planned=$1
	echo "1..$1"
}

# done_testing: print the plan when it was not given, end with the status.
done_testing() {
	[ -n "$tap_planned" ] || echo "1..$tap_count"
	exit $((tap_failed != 0))
}

# ok NAME [COMMAND...]: a test that passes when COMMAND does (without one:
# passes).  not_ok NAME [COMMAND...]: passes when COMMAND fails (without one:
# fails).
ok() {
	local name=$1
	shift
	if [ $# = 0 ] || "$@"; then tap_pass "$name"; else tap_fail "$name"; fi
}
not_ok() {
	local name=$1
	shift
	if [ $# = 0 ] || "$@"; then tap_fail "$name"; else tap_pass "$name"; fi
}
tap_pass() {
	tap_count=$((tap_count + 1))
	echo "ok $tap_count - $1"
}
tap_fail() {
	tap_count=$((tap_count + 1))
	tap_failed=$((tap_failed + 1))
	echo "not ok $tap_count - $1"
}

# is NAME GOT WANTED: a test that passes when both are the same text.
is() {
	if [ "$2" = "$3" ]; then
		tap_pass "$1"
	else
		tap_fail "$1"
		printf '# got:    %s\n# wanted: %s\n' "$2" "$3"
	fi
}

# like NAME TEXT REGEX: a test that passes when TEXT matches.
like() {
	if [[ $2 =~ $3 ]]; then
		tap_pass "$1"
	else
		tap_fail "$1"
		printf '# got:    %s\n# wanted: %s\n' "$2" "$3"
	fi
}

# skip NAME REASON: a test that cannot run here.
skip() {
	tap_count=$((tap_count + 1))
	echo "ok $tap_count - $1 # SKIP $2"
}

# npm_ready FOLDER NAME: install what FOLDER/package-lock.json names unless
# it holds the package NAME already.  Without it the test ends: as skipped where
# the registry is not to be reached, as failed where npm refuses the lock file.
npm_ready() {
	[ ! -e "$1/node_modules/$2" ] || return 0
	npm --prefix "$1" ci --ignore-scripts --no-audit --no-fund \
	    >"$tap_dir/npm.log" 2>&1 && return 0
	cat "$tap_dir/npm.log" >&2
	if grep -q EUSAGE "$tap_dir/npm.log"; then
		tap_fail "$1/package-lock.json names all that is needed"
		done_testing
	fi
	echo "1..0 # SKIP npm could not install $2"
	exit 0
}

# diag TEXT...: say something in the log.
diag() {
	printf '# %s\n' "$*"
}

# wait_for SECONDS COMMAND...: try COMMAND until it succeeds; 1 when the
# deadline passes before.
wait_for() {
	local end=$((SECONDS + $1))
	shift
	until "$@"; do
		[ $SECONDS -lt $end ] || return 1
		sleep 0.05
	done
}

# free_port: print a TCP port of 127.0.0.1 that nobody listens on.
free_port() {
	local port
	while :; do
		port=$((20000 + RANDOM % 12000))
		if ! (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then
			echo "$port"
			return
		fi
	done
}

# mode FILE: print its permission bits.
mode() {
	stat -c %a "$1"
}
