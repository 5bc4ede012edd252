#!/bin/bash
# Without these cases a damaged file could be used before anyone notices.
# 10,000 of each kind, from a seed that stands; JAIR_FAULT=full takes ten
# times as many.
set -u
cd "$(dirname "$0")/../.." || exit 1
export JAIR_BUILD=${JAIR_BUILD:-build/release}
cases=10000
[ "${JAIR_FAULT:-quick}" != full ] || cases=100000
place=${TMPDIR:-/tmp}
[ ! -w /dev/shm ] || place=/dev/shm
TMPDIR=$(mktemp -d "$place/jair-corrupt.XXXXXX") || exit 1
export TMPDIR
trap 'rm -rf "$TMPDIR"' EXIT
trap 'exit 130' INT TERM
failed=0
for kind in database snapshot archive; do
	"$JAIR_BUILD/fault/corrupt" "$kind" "$cases" || failed=1
done
# A whole recovery takes longer: a fortieth as many; and of databases that
# were not made as ours are.
"$JAIR_BUILD/fault/corrupt" recovery $((cases / 40)) || failed=1
for pragma in page_size=512 page_size=1024 page_size=65536 auto_vacuum=1; do
	"$JAIR_BUILD/fault/corrupt" recovery $((cases / 100)) 7 "$pragma" ||
		failed=1
done
exit $failed
