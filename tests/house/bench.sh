#!/bin/bash
# Without this test `make bench` could have stopped working long before the day
# on which somebody asks whether jair became slower.
. tests/lib.sh

# bench NAME=VALUE...: the shortest run there is.
bench() {
	env BENCH_SIZES=S BENCH_RUNS=1 BENCH_SECONDS=1 BENCH_UPLOAD=1 \
	    BENCH_JSON="$tap_dir/bench.json" "$@" tests/bench/run.sh \
	    >"$tap_dir/table" 2>"$tap_dir/errors"
}

# look FILTER: what jq says of the result.
look() {
	jq -r "$1" "$tap_dir/bench.json"
}

ok 'it runs' bench
diag "$(tail -n 5 "$tap_dir/errors")"
ok 'what it writes is JSON' look .
is 'everything is measured' "$(look '[.rows[] | select(.ratio) | .what] |
    join(", ")')" 'whole boot, snapshot, archive written, archive verified, restore into empty, GET /api/system/status, upload to preview'
is 'each against its yardstick' "$(look '.rows | map(select(.ratio and
    (.ours <= 0 or .yardstick <= 0 or .ratio <= 0 or .runs != 1))) | length')" 0
is 'with its memory' "$(look '.rows | map(select(.what |
    startswith("peak memory")) | select(.ours > 1)) | length')" 5
is 'the table has a line for each' \
    "$(grep -cE '(GET|restore into|upload to|idle)' "$tap_dir/table")" \
    "$(look '.rows | map(select(.what |
    test("GET|restore into|upload to|idle"))) | length')"

not_ok 'what cannot be measured is no result' bench BENCH_SIZES=XS
like 'and says why' "$(<"$tap_dir/errors")" 'no size XS'
done_testing
