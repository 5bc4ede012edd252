#!/bin/bash
# Without this test a runner that loses failures would make every other test
# worthless.
. tests/lib.sh
plan 12

dummy() {
	printf '#!/bin/sh\n%s\n' "$2" >"$tap_dir/$1"
	chmod +x "$tap_dir/$1"
}
# try PROGRAM...: put the runner's last line and status into ${last}, ${rc}.
try() {
	out=$(JAIR_TEST_LOGS=$tap_dir/logs JAIR_TEST_SECONDS=1 \
	    tests/run.sh "${@/#/$tap_dir/}" 2>&1)
	rc=$?
	last=$(tail -n 1 <<<"$out")
}

dummy good 'echo 1..2; echo ok 1 - a; echo ok 2 - b'
dummy failing 'echo 1..2; echo ok 1 - a; echo not ok 2 - b; exit 1'
dummy quiet_failing 'echo 1..1; echo not ok 1 - b'
dummy crashing 'echo 1..3; echo ok 1 - a; kill -SEGV $$'
dummy planless 'echo hello'
dummy status 'echo 1..1; echo ok 1 - a; exit 3'
dummy hanging 'echo 1..1; sleep 60; echo ok 1 - a'
dummy skipping 'echo 1..2; echo ok 1 - a; echo ok 2 - b "# SKIP" no disk'

try good
is 'passes are counted' "$last $rc" '2 passed, 0 failed 0'
try failing
is 'a failing test is counted' "$last $rc" '1 passed, 1 failed 1'
try quiet_failing
is 'a failure without status is counted' "$last $rc" '0 passed, 1 failed 1'
try crashing
is 'a crash is counted' "$last $rc" '1 passed, 1 failed 1'
try planless
is 'a program without plan is counted' "$last $rc" '0 passed, 1 failed 1'
try status
is 'a bad status is counted' "$last $rc" '1 passed, 1 failed 1'
try hanging
is 'a hanging program is ended' "$last $rc" '0 passed, 1 failed 1'
try missing
is 'a missing program is counted' "$last $rc" '0 passed, 1 failed 1'
try skipping
is 'a skipped test is no pass' "$last $rc" '1 passed, 0 failed 0'
dummy skipping_all 'echo "1..0 # SKIP no disk"'
try skipping_all
like 'a program that skips all is told' "$out" '^1 skipped|
1 skipped'
try good failing crashing
is 'programs add up' "$last $rc" '4 passed, 2 failed 1'
ok 'the log of a failure is kept' test -s "$tap_dir/logs/failing.log"
done_testing
