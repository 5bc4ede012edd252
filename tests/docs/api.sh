#!/bin/bash
# shellcheck disable=SC2016 # for sed
# Without this test docs/api.md could tell of a route that is not there, keep
# silent about one that is, or promise another access or limit.
cd "$(dirname "$0")/../.." || exit 1
. tests/lib.sh

# METHOD PATH ACCESS BODY MAX RATE a line, of the router's table.
router() {
	sed -n '/^static const struct route routes/,/^};/p' \
	    cgi-src/api/routes.c | tr -d '\n\t' | sed 's/{ M_/\n&/g' |
	    sed -nE 's/^\{ M_([A-Z]+), *"([^"]*)", *ACC_([A-Z]+), *BODY_([A-Z]+), *([^,]*), *RATE_([A-Z]+), *[a-z_]+ *\},(\};)?$/\1 \2 \3 \4 \5 \6/p'
}
# The same of the page.
page() {
	sed -nE 's/^\| `([A-Z]+) ([^`]*)` \| ([a-z]+) \| ([^|]*) \| ([a-z]+) \|.*/\1 \2 \U\3\E \4 \U\5/p' \
	    docs/api.md | sed -E -e 's/ none / NONE 0 /' \
	    -e 's/ JSON, ([0-9]+) KiB / JSON KIB(\1) /' \
	    -e 's/ file, ([0-9]+) MiB / FILE MIB(\1) /' \
	    -e 's/ file, JAIR_RESTORE_MAX / FILE RESTORE_MAX /'
}
is 'each row of the table is read' "$(router | grep -cE \
    '^[A-Z]+ /[^ ]* (ANYONE|SETUP|USER|ADMIN) (NONE|JSON|FILE) [^ ]+ [A-Z]+$')" \
    "$(grep -c '{ M_' cgi-src/api/routes.c)"
ok 'there are some' test "$(router | wc -l)" -ge 15
is 'docs/api.md has the routes of the router, with their limits' "$(page)" \
    "$(router)"
done_testing
