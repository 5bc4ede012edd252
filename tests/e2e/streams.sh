#!/bin/bash
# Without these tests a log that nobody takes could stop a start, or land in a
# file of the house, and a script could take half an answer for a whole one.
# shellcheck disable=SC2154,SC2016,SC2317 # from the library; for eval; ok runs them
cd "$(dirname "$0")/../.." || exit 1
. tests/lib.sh
init=$PWD/$build/jair-init
dir=$tap_dir/data
export DATA_DIR=$dir

# house: a folder with a database that was never started.
house() {
	rm -rf "$dir"
	mkdir "$dir"
	cp tests/fixtures/db/v2.8.10-small.db "$dir/dev.db"
}
whole() {
	[ "$(sqlite3 "$dir/dev.db" 'PRAGMA integrity_check;
	    SELECT count(*) FROM UserMedia')" = 'ok
71' ] && "$init" verify backup_latest.json > /dev/null
}

# ---- a start that nobody listens to -----------------------------------------

house
"$init" >&-
is "closed output: status" $? 0
ok "closed output: all is there" whole
is "closed output: no log lands in a file" \
    "$(grep -l Syncing "$dir"/* "$dir"/.jair*)" ''
house
"$init" <&- >&- 2>&-
is "all closed: status" $? 0
ok "all closed: all is there" whole
house
"$init" > /dev/full
is "a full disk behind the log: status" $? 0
ok "a full disk behind the log: all is there" whole
house
"$init" | head -n 1 > /dev/null
is "a reader that has gone: status" "${PIPESTATUS[0]}" 0
ok "a reader that has gone: all is there" whole
is "what is started has the signals as they were" "$("$init" -- \
    sed -n 's/^SigIgn:\t//p' /proc/self/status | tail -n 1)" \
    "$(sed -n 's/^SigIgn:\t//p' /proc/self/status)"

# ---- answers ----------------------------------------------------------------

for call in --version --help help 'list --help' list 'list --json' \
    'schema --plan' status; do
	# shellcheck disable=SC2086 # a command and its options
	"$init" $call > /dev/full
	is "$call: an answer that is lost is no success" $? 2
done
ok "help --json tells all commands" eval '"$init" help --json |
    jq -e ".commands[] | select(.name == \"verify\") | .synopsis"'
ok "help --json tells all settings" eval '"$init" help --json |
    jq -e ".settings[] | select(.name == \"DATA_DIR\") | .default"'
is "--version --json" "jair-init $("$init" --version --json | jq -r .version)" \
    "$("$init" --version)"
is "help needs no sound settings" "$(JAIR_WORKERS=x "$init" help | head -n 1)" \
    "$("$init" help | head -n 1)"
done_testing
