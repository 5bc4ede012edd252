#!/bin/bash
# shellcheck disable=SC2016,SC2059 # for the pages; formats are given
# Without this test the runner of the pages could find everything right.
cd "$(dirname "$0")/../.." || exit 1
. tests/lib.sh
. tests/docs/lib/run.sh
mkdir "$docs"

# matches WANTED GOT, as printf writes them
matches() {
	printf "$1" >"$tap_dir/wanted"
	printf "$2" >"$tap_dir/got"
	docs_match "$tap_dir/wanted" "$tap_dir/got"
}
ok 'the same' matches 'a\nb\n' 'a\nb\n'
not_ok 'another line' matches 'a\nb\n' 'a\nc\n'
not_ok 'a line more' matches 'a\n' 'a\nb\n'
not_ok 'a line less' matches 'a\nb\n' 'a\n'
not_ok 'something where nothing is shown' matches '' 'a\n'
not_ok 'nothing where something is shown' matches 'a\n' ''
ok 'nothing where nothing is shown' matches '' ''
ok 'lines left out' matches 'a\n…\nd\n' 'a\nb\nc\nd\n'
ok 'none of them' matches 'a\n…\nd\n' 'a\nd\n'
ok 'twice' matches '…\nb\n…\nb\n' 'b\na\nb\nb\n'
not_ok 'the order counts' matches '…\nb\n…\na\n' 'a\nb\n'
not_ok 'what comes after them counts' matches 'a\n…\nd\n' 'a\nb\n'
not_ok 'and what comes behind that' matches '…\nd\n' 'a\nd\ne\n'

# A sample of a form stands for that form alone.
while IFS='|' read -r name sample real other; do
	ok "$name" matches "$sample" "$real"
	not_ok "$name, of another form" matches "$sample" "$other"
done <<END
a time|at 2026-11-24T10:15:00.584Z|at 2025-01-02T03:04:05.678Z|at 2025-01-02 03:04
a stamp|x_2026-11-24T10-15-00|x_2025-01-02T03-04-05|x_2025-01-02T03-04
a size|(81.3 kB)|(7 bytes)|(81.3 kiB)
a duration|97 ms|1234 ms|1.2 s
an age|3 days ago|1 hour ago|3 years ago
a link|/#code=3df978d17ee1b0a42ae5689bfb4e81a7|/#code=00000000000000000000000000000000|/#code=3df978d1
how many passed|7 passed, 0 failed|1900 passed, 0 failed|0 passed, 0 failed
none failed|7 passed, 0 failed|8 passed, 0 failed|8 passed, 1 failed
the version|jair <version>|jair $docs_version|jair 9.9.9
END
not_ok 'a count is no sample' matches '3 users' '4 users'

# pages TEXT: what is told of it.
pages() {
	printf '%b' "$1" >"$tap_dir/page.md"
	docs_extract "$tap_dir/page.md" 2>&1
}
f='```'
is 'a page in order' "$(pages "$f""console make household\n\$ true\nx\n$f\n")" ''
is 'has its command' "$(cat "$docs/1.cmd") $(cut -f5,6 "$docs/index")" \
    "true make	household"
for bad in "$f\n\$ true\n$f\n" "${f}console\n\$ true\n$f\n" \
    "${f}console mars\n\$ true\n$f\n" "${f}sh\ntrue\n$f\n" \
    "${f}console make\n$f\n" "${f}console make\nx\n\$ true\n$f\n" \
    "${f}console make\n\$ true\n" "${f}text\n\$ true\n$f\n" \
    "${f}text\nsudo make install\n$f\n" "    \$ true\n" \
    "~~~\n\$ true\n~~~\n" "- a\n  $f\n  \$ true\n  $f\n"; do
	like "not in order: ${bad//$'\n'/ }" "$(pages "$bad")" \
	    'page.md:[0-9]+: .'
done

# A stamp that stands for two is a mistake.
binds() {
	docs_stamps=()
	matches "$1" "$2" && docs_bind "$tap_dir/wanted" "$tap_dir/got"
}
a=2026-11-24T10-15-00 b=2026-11-25T10-15-00 c=2026-11-26T10-15-00
ok 'two stamps' binds "x_$a\nx_$b\n" "x_$b\nx_$c\n"
is 'are known from then on' "$(docs_real "cp x_$a y_$b")" "cp x_$b y_$c"
not_ok 'one for two' binds "x_$a\nx_$a\n" "x_$b\nx_$c\n"
done_testing
