#!/bin/bash
# Without this test an fsync, a rename or a quarantine could be written that
# no test would miss, or the table of `make bite` could name what is not there.
. tests/lib.sh

rows=tests/fault/bite.txt
names() { sed -n 's/^\*\{0,1\}\([a-z_]*\) *|.*/\1/p' "$rows" | sort; }
used() {
	grep -rho 'GUARD([a-z_]*' core init cgi-src --include='*.c' |
	    sed 's/GUARD(//' | sort -u
}
is 'each guard has its row, each row its guard' "$(names)" "$(used)"

# After a removal: what comes back after a power cut is removed again.
free='core/retention.c core/setup_code.c core/stage.c'

# Calls of a function outside a GUARD, in the text without white space.
bare() {
	local f all guarded
	while read -r f; do
		[ "$1" != file_sync_dir ] || [[ " $free " != *" $f "* ]] ||
			continue
		all=$(tr -d ' \t\n' <"$f" | grep -oE "[^A-Za-z0-9_\"]$1\(" |
		    wc -l)
		guarded=$(tr -d ' \t\n' <"$f" |
		    grep -oE "GUARD\([a-z_]+,$1\(" | wc -l)
		[ "$all" = "$guarded" ] ||
			echo "$f: $((all - guarded)) of $1"
	done < <(grep -rlE "\b$1\(" core init --include='*.c')
}
for call in fsync fdatasync rename renameat2 file_sync_dir quarantine_move \
    quarantine_database; do
	is "each $call( stands in a GUARD" "$(bare "$call")" ''
done

tests_named() { sed -n 's/^[^#].*| \(unit\|e2e\) //p' "$rows" | sort -u; }
missing() {
	local name
	for name in $(tests_named); do
		[ -e "tests/unit/$name.c" ] || [ -e "tests/e2e/$name.sh" ] ||
			echo "$name"
	done
	sed -n 's/^[^#].*| \(kill\|power\|rot\) //p' "$rows" | sort -u |
	    while read -r name; do
		grep -q "\.name = \"$name\"" tests/fault/scene.c || echo "$name"
	done
}
is 'each test that the table names exists' "$(missing)" ''
not_ok 'no program for use can leave out a guard' \
    grep -q JAIR_BITE "$build/jair-init" "$build/jair-api"
done_testing
