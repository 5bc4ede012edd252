#!/bin/bash
# serve.sh [FOLDER]: a whole jair for tests in other languages: a real boot (of
# the database in FOLDER, or of none), the workers, the web server.  It says
# one line of JSON, {"port","data","api","nginx","log"}, and ends with its
# standard input.  Settings come from the environment.
# shellcheck disable=SC2154 # from the libraries
cd "$(dirname "$0")/.." || exit 1
. tests/lib.sh
. tests/lib-http.sh

mkdir -p "$data"
chmod 700 "$data"
[ $# = 0 ] || cp "$1"/* "$data/"
DATA_DIR=$data "$build/jair-init" >"$tap_dir/boot.log" 2>&1 || {
	cat "$tap_dir/boot.log" >&2
	exit 1
}
start_api || exit 1
start_nginx || exit 1
jq -nc --arg data "$data" --arg log "$tap_dir" --argjson port "$port" \
    --argjson api "$api_pid" --argjson nginx "$nginx_pid" \
    '{port: $port, data: $data, api: $api, nginx: $nginx, log: $log}'
cat >"$tap_dir/said"
