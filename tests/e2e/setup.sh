#!/bin/bash
# Without these tests the owner could be shut out of the setup, or everyone
# else be let in.
# shellcheck disable=SC2154 # from the library
cd "$(dirname "$0")/../.." || exit 1
. tests/lib.sh
export DATA_DIR=$tap_dir/data
init() { "$build/jair-init" "$@" 2>&1; }
# code OF-OUTPUT: the code in the link.
code() { sed -n 's/.*setup\.html#code=\([0-9a-f]*\).*/\1/p' <<<"$1"; }
configured() {
	sqlite3 "$DATA_DIR/dev.db" 'SELECT isConfigured FROM SystemConfig'
}

out=$(init)
is "first boot: its status" $? 0
like "first boot: the link" "$out" \
    'The setup is open: http://localhost:5173/setup\.html#code=[0-9a-f]{32}'
first=$(code "$out")
is "first boot: the file" "$(<"$DATA_DIR/setup_code")" "$first"
is "first boot: its mode" "$(mode "$DATA_DIR/setup_code")" 600
is "second boot: the same code" "$(code "$(init)")" "$first"
like "another port" "$(PORT=81 init)" 'http://localhost:81/setup\.html'
like "an address of its own" \
    "$(JAIR_PUBLIC_URL=https://jair.example/ init)" \
    'https://jair\.example/setup\.html#code='
echo rubbish > "$DATA_DIR/setup_code"
out=$(init)
like "a damaged code is made anew" "$(code "$out")" '^[0-9a-f]{32}$'
not_ok "no backup holds the code" grep -rqs "$(code "$out")" \
    "$DATA_DIR" --include='backup_*'

sqlite3 "$DATA_DIR/dev.db" "INSERT OR REPLACE INTO SystemConfig
    (id, isConfigured, jellyfinUrl) VALUES (1, 1, 'http://jellyfin');
    INSERT INTO User (username) VALUES ('Anna')"
out=$(init)
not_ok "after the setup: no link" grep -q setup.html <<<"$out"
ok "after the setup: no code" test ! -e "$DATA_DIR/setup_code"

out=$(init setup)
is "setup without --reopen: status" $? 1
like "setup without --reopen: says so" "$out" 'Say --reopen'
is "setup without --reopen: nothing changed" "$(configured)" 1
out=$(init setup --reopen)
is "setup --reopen: status" $? 0
like "setup --reopen: the link" "$out" \
    'open again: http://localhost:5173/setup\.html#code=[0-9a-f]{32}'
not_ok "setup --reopen: a new code" test "$(code "$out")" = "$first"
is "setup --reopen: the file" "$(<"$DATA_DIR/setup_code")" "$(code "$out")"
is "setup --reopen: it is open" "$(configured)" 0
is "setup --reopen: nothing else changed" "$(sqlite3 "$DATA_DIR/dev.db" \
    'SELECT jellyfinUrl, username FROM SystemConfig, User')" \
    'http://jellyfin|Anna'
like "setup --reopen --json" "$(init setup --reopen --json | jq -r .link)" \
    '^http://localhost:5173/setup\.html#code=[0-9a-f]{32}$'
exec 5>"$DATA_DIR/.jair.lock"
flock -x 5
out=$(JAIR_LOCK_WAIT=0 init setup --reopen)
is "setup --reopen beside a boot: status" $? 5
exec 5>&-
done_testing
