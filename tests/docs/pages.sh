#!/bin/bash
# shellcheck disable=SC2016 # for the pages
# Without this test a page could show a command that nobody runs: in a block
# of another kind, in a sentence, or for a world without a test.
cd "$(dirname "$0")/../.." || exit 1
. tests/lib.sh
. tests/docs/lib/run.sh

# Every page, also those without commands.
all=(*.md docs/*.md)
is 'no page hides a command' "$(docs_extract "${all[@]}" 2>&1)" ''
is 'the commands are in the pages whose commands are run' \
    "$(cut -f2 "$docs/index" | sort -u)" \
    "$(printf '%s\n' "${docs_pages[@]}" | sort)"
is 'each is in the list of those to run' \
    "$(grep -c . "$docs/index")" \
    "$(cat "${all[@]}" | grep -cE '^(\$ .|\^C$)')"
for world in $docs_worlds; do
	ok "a test runs those for $world" grep -rqx \
	    "[[:space:]]*docs_commands $world" tests/docs tests/containers
	ok "and there are some" test "$(docs_of "$world" | wc -l)" -gt 10
done

# In a sentence or a table: what begins like a command is one of those.
named() {
	grep -ohE '`(sudo )?(apt|build/[^ `]*|cp|docker|journalctl|jair-(init|api)|make|mv|rm|runuser|service|systemctl|man) [^`]*`' \
	    "${docs_pages[@]}" | tr -d '`' | sort -u
}
not_run() {
	local text
	while read -r text; do
		cat "$docs"/*.cmd | grep -qF -- "$text" || echo "$text"
	done < <(named)
}
ok 'sentences name commands' test "$(named | wc -l)" -gt 5
is 'and each of them is run' "$(not_run)" ''

# Every given is there, and used.
is 'what is given is what the pages ask for' \
    "$(cut -f6 "$docs/index" | tr ' ' '\n' | grep -vx -e - -e '' | sort -u)" \
    "$(declare -F | sed -n 's/.* given_//p' | grep -vx -e sql -e files \
	-e original_at -e past | cat - <(sed -n 's/^given_\([a-z_]*\)() .*/\1/p' \
	tests/docs/lib/docker.sh) | sort)"

# A symptom is looked for in the words that are printed: ours, or SQLite's and
# the original's.
symptoms() {
	sed -n '/^## 11/,/^A cut file/p' docs/BACKUP_RECOVERY.md | grep '^|' |
	    cut -d'|' -f2 | grep -o '`[^`]*`' | tr -d '`'
}
theirs='Table not found
no such table
no such column
database is locked
file is not a database
malformed
Invalid JSON file'
printed() {
	cat core/*.c init/*.c cgi-src/*/*.c html/js/strings/en.js |
	    tr -d '\n\t' | sed 's/" *"//g'
}
unknown() {
	local text
	printed >"$tap_dir/printed"
	while read -r text; do
		grep -qF -- "$text" "$tap_dir/printed" ||
			grep -qxF -- "$text" <<<"$theirs" ||
			[[ $text == jair-api || $text == status ]] || echo "$text"
	done < <(symptoms)
}
ok 'there are symptoms' test "$(symptoms | wc -l)" -ge 15
is 'each is printed by someone' "$(unknown)" ''

# A page is at most two screens: what stands first must be found.
ok 'README.md is short' test "$(wc -l <README.md)" -le 125
for page in docs/BACKUP_RECOVERY.md docs/without-containers.md docs/api.md; do
	ok "README.md leads to $page" grep -qF "]($page)" README.md
done
# Links between pages, and to a heading.
broken() {
	local page to file anchor
	for page in "${all[@]}"; do
		while read -r to; do
			file=${to%%#*}
			file=${file:+$(dirname "$page")/$file}
			[ -e "${file:-$page}" ] || echo "$page: $to"
			anchor=${to#"${to%%#*}"}
			[ -z "$anchor" ] || anchors "${file:-$page}" |
			    grep -qxF "$anchor" || echo "$page: $to"
		done < <(grep -oE '\]\([^)]*\)' "$page" |
		    sed 's/^](\(.*\))$/\1/' | grep -v '^https*:')
	done
}
anchors() {
	sed -n 's/^##* //p' "$1" | tr '[:upper:]' '[:lower:]' |
	    sed -e 's/[^a-z0-9 _-]//g' -e 's/ /-/g' -e 's/^/#/'
}
is 'every link leads somewhere' "$(broken)" ''
done_testing
