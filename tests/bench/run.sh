#!/bin/bash
# run.sh: measure jair against the yardsticks: print a table, and write it to
# build/bench.json.  What is measured can be chosen by the environment:
#	BENCH_SIZES='S M L'	households: 60, 5,000, 100,000 items; XL has a
#				million and takes half an hour and 3 GB in TMPDIR
#	BENCH_RUNS=5		pairs of runs that a median is taken of
#	BENCH_PARTS='...'	of boot, snapshot, write, verify, restore, growth,
#				http, idle, upload
#	BENCH_SECONDS=5		of asking, each time, for http
#	BENCH_UPLOAD=1024	MiB of the archive for upload
#	BENCH_JSON=build/bench.json
# It says what is, and fails only when something could not be measured.
# shellcheck disable=SC2034,SC2154 # for and from the libraries
cd "$(dirname "$0")/../.." || exit 1
. tests/lib.sh
. tests/lib-http.sh
. tests/bench/lib.sh
. tests/bench/data.sh
. tests/bench/server.sh

sizes=${BENCH_SIZES:-S M L}
runs=${BENCH_RUNS:-5}
parts=${BENCH_PARTS:-boot snapshot write verify restore growth http idle upload}
seconds=${BENCH_SECONDS:-5}
out=${BENCH_JSON:-build/bench.json}

# asked_for PART...: shall one of these be measured?
asked_for() {
	local part
	for part; do
		[[ " $parts " != *" $part "* ]] || return 0
	done
	return 1
}

# Our settings are those of a new installation.
for name in $(compgen -e JAIR_); do
	[ "$name" = JAIR_BUILD ] || unset "$name"
done
unset DATA_DIR DATABASE_URL

for size in $sizes; do
	people "$size" >"$tap_dir/said" || {
		echo "bench: there is no size $size (S, M, L, XL)." >&2
		exit 1
	}
	largest_size=$size
done
before=$(cut -d ' ' -f 1 /proc/loadavg)
show_head
if asked_for boot snapshot write verify restore; then
	for size in $sizes; do
		bench_data "$size" || exit 1
	done
	! asked_for growth || bench_growth "${sizes%% *}" "$largest_size"
fi
if asked_for http idle upload; then
	serve || { echo 'bench: no server.' >&2; exit 1; }
	! asked_for http || bench_http || exit 1
	! asked_for idle || bench_idle
	! asked_for upload || bench_upload "${BENCH_UPLOAD:-1024}" || exit 1
fi

mkdir -p "$(dirname "$out")"
jq -s --arg version "$("$build/jair-init" --version)" \
    --arg sizes "$sizes" --argjson runs "$runs" \
    --argjson processors "$(nproc)" --argjson before "$before" \
    --argjson after "$(cut -d ' ' -f 1 /proc/loadavg)" \
    '{version: $version, sizes: ($sizes | split(" ")), runs: $runs,
    processors: $processors, load: [$before, $after], rows: .}' \
    "$rows" >"$out"
echo "ratio: medians of $runs pairs; cpu: the same of processor time; load" \
    "average $before before, $(cut -d ' ' -f 1 /proc/loadavg) after; $out"
