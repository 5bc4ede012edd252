#!/bin/bash
# Without these sweeps nobody would know what a kill, a power cut, a failing
# disk or an empty memory costs.  Here some points of each scene; with
# JAIR_FAULT=full, as `make fault` runs it, all of them (of the tens of
# thousands of allocations every tenth).
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
trap 'exit 130' INT TERM
failed=0

# sweep EVERY KIND [SCENE...]: every EVERY-th point.
sweep() {
	local every=$1
	shift
	"$JAIR_BUILD/fault/sweep" "every=$every" "$@" || failed=1
}

main='boot-upgrade boot-changed backup restore-merge stage-claim'
if [ "${JAIR_FAULT:-quick}" = full ]; then
	for kind in kill torn short eio enospc eacces eio-ever enospc-ever \
	    eacces-ever read read-ever rot power; do
		sweep 1 "$kind"
	done
	sweep 7 power-deaf
	for kind in alloc alloc-ever; do
		# shellcheck disable=SC2086 # a list of scenes
		sweep 10 "$kind" $main restore-snapshot
	done
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
	sweep 2000 alloc backup restore-merge
fi
exit $failed
