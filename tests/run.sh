#!/bin/bash
# run.sh [unit | fault | PROGRAM...]: run every test (or the unit tests, the
# fault tests, the named programs), each under a time-out, and close with "N passed, N failed".  Each
# program speaks TAP; one that crashes, prints no plan or fewer tests than it
# planned counts as one more failure.  Logs lie in build/test-logs.
set -u

cd "$(dirname "$0")/.." || exit 1
build=${JAIR_BUILD:-build/release}
logs=${JAIR_TEST_LOGS:-build/test-logs}
passed=0
failed=0
skipped=0

export CMOCKA_MESSAGE_OUTPUT=tap
export JAIR_BUILD=$build
export ASAN_OPTIONS=detect_leaks=1:abort_on_error=0
export UBSAN_OPTIONS=print_stacktrace=1
# Settings of the person who runs the tests are not part of the tests.
unset DATA_DIR DATABASE_URL GEMINI_BASE_URL PORT MAKEFLAGS MAKEOVERRIDES MFLAGS MAKELEVEL
for name in $(compgen -e JAIR_); do
	case $name in
	JAIR_BUILD | JAIR_FAULT | JAIR_TEST_LOGS | JAIR_TEST_SECONDS) ;;
	*)
		[ "$name" = JAIR_BUILD_ASAN ] && asan=$JAIR_BUILD_ASAN
		unset "$name" ;;
	esac
done

mkdir -p "$logs"
scratch=$(mktemp -d "${TMPDIR:-/tmp}/jair-run.XXXXXX") || exit 1
# A test that gives up root's rights must still reach its own folder.
chmod 711 "$scratch"
trap 'rm -rf "$scratch"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# count LOG: print how many tests passed, failed, were skipped and planned.
count() {
	awk '
	/^[ \t]*1\.\.[0-9]+/ { split($1, a, /\.\./); planned += a[2] }
	/^(not )?ok([ \t]|$)/ {
		if (/# *(SKIP|skip)/) skip++
		else if (/^ok/) ok++
		else bad++
	}
	END { print ok + 0, bad + 0, skip + 0, planned + 0 }' "$1"
}

# run LABEL SECONDS COMMAND...: run one program and count its tests.
run() {
	local label=$1 seconds=$2 log rc ok bad skip planned began why=
	shift 2
	log=$logs/${label//\//-}.log
	began=$SECONDS
	mkdir -p "$scratch/tmp"
	TMPDIR=$scratch/tmp timeout -k 10 "$seconds" "$@" \
	    >"$log" 2>&1 </dev/null
	rc=$?
	read -r ok bad skip planned < <(count "$log")
	if [ $rc = 124 ] || [ $rc = 137 ]; then
		why="ended by the time-out of $seconds s or by a kill"
	elif [ "$planned" = 0 ] && ! grep -q '^1\.\.0' "$log"; then
		why="no plan, status $rc"
	elif [ "$planned" != $((ok + bad + skip)) ]; then
		why="$((ok + bad + skip)) of $planned tests, status $rc"
	elif [ $rc != 0 ] && [ "$bad" = 0 ]; then
		why="status $rc"
	elif [[ $label == unit* ]] && [ -n "$(ls -A "$scratch/tmp")" ]; then
		why="left behind: $(ls -A "$scratch/tmp")"
	fi
	rm -rf "$scratch/tmp"
	if [ -n "$why" ]; then
		bad=$((bad + 1))
		echo "not ok - $label: $why" >>"$log"
	fi
	passed=$((passed + ok))
	failed=$((failed + bad))
	skipped=$((skipped + skip))
	printf '%-4s %-36s %4d passed' "$([ "$bad" = 0 ] && echo ok ||
	    echo FAIL)" "$label" "$ok"
	[ "$bad" = 0 ] || printf ', %d failed' "$bad"
	[ "$skip" = 0 ] || printf ', %d skipped' "$skip"
	printf ' (%d s)\n' $((SECONDS - began))
	# What failed first, with what it saw; then how the log ends.
	[ "$bad" = 0 ] || { grep -A 8 '^not ok' "$log" | head -n 60
		echo ...
		tail -n 40 "$log"; } | sed 's/^/     | /'
	[ "$skip" = 0 ] || grep -i '# *skip' "$log" | sed 's/^/     | /'
	# How many points the sweeps tried, and what was lost.
	[[ $label != fault* ]] || grep -E '^# .* (tried|left out), ' "$log" |
		sed 's/^#/     |/'
}

# run_unit LABEL BUILD SECONDS
run_unit() {
	local source name
	for source in tests/unit/*_test.c; do
		[ -e "$source" ] || continue
		name=$(basename "$source" .c)
		JAIR_BUILD=$2 run "$1/$name" "$3" "$2/unit/$name"
	done
}

# A replay passes when the program ends with 0 after its whole corpus.
run_fuzz() {
	local source name
	for source in tests/fuzz/*_fuzz.c; do
		[ -e "$source" ] || continue
		name=$(basename "$source" _fuzz.c)
		# shellcheck disable=SC2016 # expanded by the inner shell
		run "fuzz/$name" 300 bash -c 'echo 1..1
		    "$1" "$2" && echo "ok 1 - replay" && exit
		    echo "not ok 1 - replay"; exit 1' replay \
		    "$1/fuzz/${name}_fuzz" "tests/fuzz/corpus/$name"
	done
}

# run_scripts FOLDER SECONDS
run_scripts() {
	local script
	for script in tests/"$1"/*.sh; do
		[ -e "$script" ] || continue
		run "$1/$(basename "$script" .sh)" "$2" bash "$script"
	done
}

run_all() {
	run_unit unit "$build" 120
	[ -z "${asan:-}" ] || run_unit unit-asan "$asan" 300
	run_fuzz "${asan:-$build}"
	run_scripts house 300
	run_scripts docs 1200
	run_scripts http 300
	run_scripts e2e 600
	run_scripts containers 1800
	run_scripts fault 900
	run_scripts browser 900
}

case ${1:-} in
'') run_all ;;
unit) run_unit unit "$build" 300 ;;
fault) run_scripts fault 36000 ;;
*)
	for program; do
		run "$(basename "$program")" "${JAIR_TEST_SECONDS:-600}" \
		    "$program"
	done ;;
esac

[ "$skipped" = 0 ] || echo "$skipped skipped"
echo "$passed passed, $failed failed"
[ "$failed" = 0 ] && [ "$passed" != 0 ]
