#!/bin/bash
# Without this test the manual pages could tell of a command or an option that
# is not there, or keep silent about one that is.
. tests/lib.sh
init=$build/jair-init
api=$build/jair-api

# synopsis PAGE: its synopsis, one form of the call a line.
synopsis() {
	mandoc -Tascii -O width=400 "docs/man/$1" | sed 's/.\x08//g' |
	    sed -n '/^SYNOPSIS/,/^DESCRIPTION/s/^ \{1,\}//p'
}
# plain: what the manual and the help write differently made the same.
plain() {
	sed -e 's/ *| */|/g' -e 's/ \.\.\./.../g' -e 's/ *$//' |
	    tr '[:upper:]' '[:lower:]' | sort
}
help_of() { "$init" "$1" --help; }
settings() { grep -oE '^  [A-Z_]{4,}' | tr -d ' ' | sort; }

commands=$("$init" help | sed -n 's/^ *jair-init \([a-z]\{1,\}\).*/\1/p')
ok 'the help names commands' test "$(wc -w <<<"$commands")" -ge 10
if command -v mandoc >/dev/null; then
	is 'jair-init(8) has the commands and options of the help' \
	    "$(synopsis jair-init.8 | grep '^jair-init [a-z]' | plain)" \
	    "$("$init" help | sed -n 's/^ *\(jair-init [a-z]\)/\1/p' | plain)"
	is 'and the forms without a command' \
	    "$(synopsis jair-init.8 | grep -v '^jair-init [a-z]' | plain)" \
	    "$(printf '%s\n' jair-init 'jair-init -- command [arg...]' \
	        'jair-init --help' 'jair-init --version [--json]' | sort)"
	is 'jair-api(8) has the options of the help' \
	    "$(synopsis jair-api.8 | plain)" \
	    "$("$api" --help | sed -n 's/^usage: //p' | plain)"
else
	skip 'the synopsis of each page' 'mandoc is not installed'
fi

for command in $commands; do
	is "$command --help begins as the help says" \
	    "$(help_of "$command" | sed -n '1s/^usage: //p')" \
	    "$("$init" help | sed -n "s/^ *\(jair-init $command \)/\1/p")"
	ok "jair-init(8) describes $command" \
	    grep -q "^\.It Cm $command\( \|$\)" docs/man/jair-init.8
	for option in $(help_of "$command" | grep -oE -- '--[a-z-]+' |
	    sort -u); do
		ok "and its $option" grep -qE -- "Fl -${option#--}( |$)|\| ${option#-}( |$)" \
		    docs/man/jair-init.8
	done
done

pages=$(sed -nE 's/^\.It Ev ([A-Z_]+) .*/\1/p' docs/man/jair.env.5 | sort)
is 'jair.env(5) has the settings that jair-init tells of' \
    "$pages" "$("$init" help | settings)"
is 'and those that jair-api tells of' "$pages" "$("$api" --help | settings)"

# The example of jair-archive(5), letter by letter, is an archive of ours.
sed -n '/^\.Bd -literal/,/^\.Ed/p' docs/man/jair-archive.5 |
    sed -n '/^{$/,/^}$/p' >"$tap_dir/example.json"
mkdir "$tap_dir/data"
ok 'the example of jair-archive(5) is proven by its checksums' env \
    DATA_DIR="$tap_dir/data" "$init" verify "$tap_dir/example.json"
sed 's/"users": \[\]/"users":  []/' "$tap_dir/example.json" \
    >"$tap_dir/changed.json"
not_ok 'and is not, when a space is added' env \
    DATA_DIR="$tap_dir/data" "$init" verify "$tap_dir/changed.json"

# Every page of ours that another one refers to is there.
while read -r name section; do
	ok "$name($section) exists" test -e "docs/man/$name.$section"
done < <(sed -nE 's/^\.Xr (jair[^ ]*) ([0-9]).*/\1 \2/p' docs/man/* | sort -u)
done_testing
