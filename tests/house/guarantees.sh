#!/bin/bash
# shellcheck disable=SC2016 # for sed
# Without this test a promise could name a test that is no longer there.
. tests/lib.sh

# "FILE NAME" a promise.
promises() {
	sed -n 's/^| .* | `\([^`]*\)` \(.*\) |$/\1 \2/p' docs/guarantees.md
}
missing() {
	local file name
	while read -r file name; do
		grep -qF -- "$name" "$file" || echo "$file: $name"
	done < <(promises)
}
is 'each promise names a test that exists' "$(missing)" ''
is 'each line of the tables is a promise with its test' \
    "$(promises | wc -l)" "$(grep -c '^| ' <(grep -v '^| promise |' \
    docs/guarantees.md))"
ok 'there are promises' test "$(promises | wc -l)" -gt 20
done_testing
