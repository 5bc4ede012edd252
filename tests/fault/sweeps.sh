#!/bin/bash
# Without these sweeps nobody would know what a kill, a power cut, a failing
# disk or an empty memory costs.  Here some points of each scene; with
# JAIR_FAULT=full, as `make fault` runs it, all of them, on all processors.
# A start makes a hundred thousand allocations on some ten thousand ways
# through the program: the first of each way fails; every one of a backup, a
# merge, an import and a claim, and every fifth of the longest scenes.
set -u
cd "$(dirname "$0")/../.." || exit 1
export JAIR_BUILD=${JAIR_BUILD:-build/release}
unset JAIR_BITE
# In memory when there is such a place: the model cuts the power, not we.
place=${TMPDIR:-/tmp}
[ ! -w /dev/shm ] || place=/dev/shm
TMPDIR=$(mktemp -d "$place/jair-sweeps.XXXXXX") || exit 1
export TMPDIR
trap 'rm -rf "$TMPDIR"' EXIT
# shellcheck disable=SC2046 # a list of numbers
trap 'kill $(jobs -p) 2>/dev/null; exit 130' INT TERM
failed=0
at_once=1
[ "${JAIR_FAULT:-quick}" != full ] || at_once=$(nproc)

# one EVERY KIND [SCENE...]: every EVERY-th point; told in one piece.
one() {
	local rc log=$TMPDIR/log.$BASHPID
	"$JAIR_BUILD/fault/sweep" "every=$1" "${@:2}" >"$log"
	rc=$?
	flock "$TMPDIR/lock" cat "$log"
	return $rc
}
# sweep ...: the same in the background, when a processor is free.
sweep() {
	while [ "$(jobs -pr | wc -l)" -ge "$at_once" ]; do
		wait -n || failed=1
	done
	one "$@" &
}

main='boot-upgrade boot-changed backup restore-merge stage-claim'
if [ "${JAIR_FAULT:-quick}" = full ]; then
	for kind in kill torn short eio enospc eacces eio-ever enospc-ever \
	    eacces-ever read read-ever rot power; do
		sweep 1 "$kind"
	done
	sweep 7 power-deaf
	sweep 1 alloc-way
	# shellcheck disable=SC2086 # a list of scenes
	sweep 10 alloc-way-ever $main restore-snapshot
	for scene in backup restore-merge import stage-claim; do
		sweep 1 alloc "$scene"
	done
	sweep 5 alloc boot-upgrade boot-changed restore-snapshot
else
	sweep 40 kill
	sweep 30 torn backup restore-replace
	for kind in eio enospc-ever eacces; do
		# shellcheck disable=SC2086
		sweep 40 "$kind" $main
	done
	sweep 30 read boot-changed restore-snapshot
	sweep 12 rot backup restore-snapshot
	sweep 100 power
	sweep 60 power-deaf boot-changed backup import
	sweep 200 alloc-way backup restore-merge stage-claim
fi
for pid in $(jobs -p); do
	wait "$pid" || failed=1
done
exit $failed
