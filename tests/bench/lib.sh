# lib.sh: how the benchmark measures.  Source it after tests/lib.sh.
#
# What is measured and its yardstick are two functions, run in turn in the same
# minutes, and what counts is the median of the ratios of such pairs: so it
# matters little how fast the machine is, or what else it does.
# shellcheck shell=bash disable=SC2154 # from tests/lib.sh

times=$tap_dir/times
rows=$tap_dir/rows
: >"$rows"

# timed COMMAND [ARG...]: run it; its time and memory count.
timed() {
	"$build/bench/measure" "$times" "$@"
}

# once FUNCTION: call it; print [microseconds, of the processor, KiB] of all
# that it timed.  What cannot be done ends the benchmark.
once() {
	rm -f "$times"
	"$1" >"$tap_dir/said" 2>&1 || {
		echo "bench: $1 failed:" >&2
		cat "$tap_dir/said" >&2
		return 1
	}
	jq -sc '[(map(.[0]) | add), (map(.[1]) | add), (map(.[2]) | max)]' \
	    "$times"
}

# pairs OURS YARDSTICK: call the two functions in turn, $runs times; the lists
# of what they took in $tap_dir/ours and $tap_dir/yard.
pairs() {
	local i
	: >"$tap_dir/ours"
	: >"$tap_dir/yard"
	for ((i = 0; i < runs; i++)); do
		once "$1" >>"$tap_dir/ours" || return 1
		once "$2" >>"$tap_dir/yard" || return 1
	done
}

# add_row JSON: one more row; it is shown at once.
add_row() {
	printf '%s\n' "$1" >>"$rows"
	show_row <<<"$1"
}

median='def median: sort | if length % 2 == 1 then .[length / 2 | floor]
    else (.[length / 2] + .[length / 2 - 1]) / 2 end;
def round(n): . * pow(10; n) | round / pow(10; n);'

# compare WHAT SIZE TARGET OURS YARDSTICK [elsewhere]: a row with the ratio of
# the two; it shall be TARGET at most ('': no target at this size).  Only the
# time counts of what is done elsewhere, by processes that are not timed.
compare() {
	pairs "$4" "$5" || return 1
	add_row "$(jq -nc --arg what "$1" --arg size "$2" \
	    --argjson target "${3:-null}" --arg where "${6:-}" --slurpfile ours "$tap_dir/ours" \
	    --slurpfile yard "$tap_dir/yard" "$median"'
	    def column(n): map(.[n]) | median / 1e6 | round(4);
	    def ratio(n): [$ours, $yard] | transpose |
		map(.[0][n] / .[1][n]) | median | round(3);
	    {what: $what, size: $size, unit: "s", ours: ($ours | column(0)),
	    yardstick: ($yard | column(0)), ratio: ratio(0),
	    cpu: ($ours | column(1)), cpu_ratio: ratio(1),
	    rss_mib: ($ours | map(.[2]) | max / 1024 | round(1)),
	    target: $target, runs: ($ours | length)} |
	    if $where == "" then . else del(.cpu, .cpu_ratio, .rss_mib) end')"
}

# value WHAT SIZE UNIT VALUE TARGET [least]: a row with one number, that shall
# be TARGET at most, or at least.
value() {
	add_row "$(jq -nc --arg what "$1" --arg size "$2" --arg unit "$3" \
	    --argjson value "$4" --argjson target "${5:-null}" \
	    --arg bound "${6:-most}" '{what: $what, size: $size, unit: $unit,
	    ours: $value, target: $target, bound: $bound}')"
}

# Rows as a table.  What misses its target ends in "above" or "below".
show_head() {
	printf '%-32s %-4s %10s %10s %7s %7s %8s  %s\n' what size ours \
	    yardstick ratio cpu RSS target
}
show_row() {
	jq -r 'def or_dash: if . == null then "-" else tostring end;
	(if .ratio == null then .ours else .ratio end) as $got |
	[.what, .size, "\(.ours) \(.unit)",
	    (if .yardstick then "\(.yardstick) \(.unit)" else "-" end),
	    (.ratio | or_dash), (.cpu_ratio | or_dash),
	    (if .rss_mib then "\(.rss_mib) MiB" else "-" end),
	    if .target == null then "-"
	    elif .bound == "least" then
		">= \(.target)" + (if $got < .target then " below" else "" end)
	    else "<= \(.target)" + (if $got > .target then " above" else "" end)
	    end] | @tsv' | while IFS=$'\t' read -r what size ours yard ratio \
	    cpu rss target; do
		printf '%-32s %-4s %10s %10s %7s %7s %8s  %s\n' "$what" \
		    "$size" "$ours" "$yard" "$ratio" "$cpu" "$rss" "$target"
	done
}
