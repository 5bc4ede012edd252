#!/bin/bash
# Without this test docker-compose.prod.yml could start its parts in an order
# or with rights that do not work, wherever no container engine can show it:
# here the services are plain processes, with the commands, users, settings
# and health checks of that file, in a network of their own where possible.
# shellcheck disable=SC2154,SC2317 # from the libraries; called by them
cd "$(dirname "$0")/../.." || exit 1
if [ -z "${JAIR_OWN_NETWORK:-}" ]; then
	own=(unshare -n)
	[ "$(id -u)" = 0 ] || own=(unshare -c -n --keep-caps)
	if "${own[@]}" ip link set lo up 2>/dev/null; then
		export JAIR_OWN_NETWORK=1
		exec "${own[@]}" bash "$0"
	fi
	export JAIR_OWN_NETWORK=0
fi
. tests/lib.sh
. tests/lib-http.sh
. tests/lib-containers.sh
port=5173
mock_port=8096
if [ "$JAIR_OWN_NETWORK" = 1 ]; then
	ip link set lo up
else
	diag 'no network of its own here: another port'
	port=$(free_port)
	mock_port=$(free_port)
fi
declare -A pid ended with
run=$tap_dir/run
tag=first

# ---- images: the files that the Dockerfile puts together --------------------
make_images() {
	local share=$tap_dir/share
	mkdir -p "$share" "$tap_dir/first" "$tap_dir/next"
	cp -R LICENSE conf/nginx.conf html conf/container/jair-nginx "$share"
	chmod -R a+rX "$share"
	install -m 755 "$build"/jair-{init,api} "$tap_dir/first"
	make_next "$tap_dir/source" &&
	    install -m 755 "$tap_dir"/source/build/release/jair-{init,api} \
	    "$tap_dir/next"
}
use() { tag=$1; }

# ---- the compose file --------------------------------------------------------
read_compose() {
	docker-compose -f "$home/docker-compose.prod.yml" config |
	    python3 -c 'import json, sys, yaml
json.dump(yaml.safe_load(sys.stdin), sys.stdout)' >"$tap_dir/compose.json"
}
of() { # SERVICE FILTER
	jq -r --arg s "$1" ".services[\$s] | $2" "$tap_dir/compose.json"
}
# The paths of a container are ours.
here() {
	sed -e "s|/run/|$run/|g" -e "s|5173|$port|g"
}
# as SERVICE CMD...: become CMD, with the service's user, settings and no
# privilege.
as() {
	local name=$1 vars=() who=()
	shift
	mapfile -t vars < <(of "$name" '.environment // {} | to_entries[] |
	    select(.value != null) | "\(.key)=\(.value)"')
	if [ "$(id -u)" = 0 ]; then
		who=(setpriv --reuid="$(of "$name" '.user | split(":")[0]')"
		    --regid="$(of "$name" '.user | split(":")[1]')"
		    --no-new-privs --bounding-set=-all --inh-caps=-all)
		if [ "$(of "$name" '.group_add // [] | length')" = 0 ]; then
			who+=(--clear-groups)
		else
			who+=(--groups="$(of "$name" '.group_add | join(",")')")
		fi
	fi
	exec env -i setsid "${who[@]}" env PATH="$tap_dir/$tag:$tap_dir/share:$PATH" \
	    DATA_DIR="$data" JAIR_SOCKET="$run/jair/api.sock" \
	    JAIR_SHARE="$tap_dir/share" JAIR_NGINX_RUN="$run/nginx" \
	    JAIR_LISTEN=127.0.0.1 "${vars[@]}" PORT="$port" "$@"
}
command_of() {
	if [ "$1" = nginx ]; then
		echo jair-nginx
	else
		of "$1" '.command[]'
	fi
}
# start_one SERVICE: in the background.
start_one() {
	local log=$tap_dir/$1.out command
	mapfile -t command < <(command_of "$1")
	touch "$log"
	# nginx opens its standard output by name.
	[ "$(id -u)" != 0 ] || chown "$(of "$1" .user)" "$log"
	as "$1" "${command[@]}" >>"$log" 2>&1 &
	pid[$1]=$!
	with[$1]=$tag
	started "${pid[$1]}"
}
healthy() {
	local check
	mapfile -t check < <(of "$1" '.healthcheck.test |
	    if type == "string" then "sh", "-c", . else .[1:][] end |
	    gsub("\r"; "\\r") | gsub("\n"; "\\n")' | here)
	inside "$1" "${check[@]}" >/dev/null 2>&1
}
# What the service waits for, as in depends_on.
condition() { of "$1" ".depends_on.$2.condition"; }

# ---- the engine ---------------------------------------------------------------
make_run() {
	mkdir -p "$run/jair" "$run/nginx"
	chmod 755 "$run"
	[ "$(id -u)" = 0 ] || return 0
	chown 0:33 "$run/jair"
	chmod 2770 "$run/jair"
	chown 33:33 "$run/nginx"
}
up() {
	[ -d "$data" ] || mkdir -m 755 "$data"
	make_run
	start_one init
	wait "${pid[init]}"
	ended[init]=$?
	[ "${ended[init]}" = 0 ] || return 1
	keep_up api && wait_for 30 healthy api &&
	    keep_up nginx && wait_for 30 healthy nginx
}
# keep_up SERVICE: start it unless it runs, and of these images.
keep_up() {
	if begins "$1"; then
		[ "${with[$1]}" != "$tag" ] || return 0
		stop_one "$1" || return 1
	fi
	start_one "$1"
}
# As the Dockerfile says with STOPSIGNAL.
signal_of() {
	[ "$1" = nginx ] && echo QUIT || echo TERM
}
stop_one() {
	begins "$1" || return 0
	kill -s "$(signal_of "$1")" "$main_pid"
	wait_for 20 gone "${pid[$1]}" || return 1
	wait "${pid[$1]}"
	ended[$1]=$?
	[ "${ended[$1]}" = 0 ]
}
down() {
	local status=0
	stop_one nginx || status=1
	stop_one api || status=1
	rm -f "$tap_dir"/*.out
	return $status
}
begins() {
	[ -n "${pid[$1]:-}" ] || return 1
	main_pid=${pid[$1]}
	! gone "$main_pid"
}
exit_of() { echo "${ended[$1]}"; }
log_of() { cat "$tap_dir/$1.out"; }
inside() {
	(as "$@")
}
alone() {
	start_one api
	wait "${pid[api]}"
	ended_status=$?
}
# Nobody restarts plain processes, or ends all of a container with its first.
revived() {
	wait_for 20 gone "${pid[$1]}" || return 1
	kill -KILL -- "-${pid[$1]}" 2>/dev/null
	up
}
beside_api() { exec "$@"; }
owner_makes() {
	mkdir -p "$data"
	[ "$(id -u)" != 0 ] || chown 1000:1000 "$data"
}

# The container's web server answers as that of `make run`: one file has all
# limits and headers.
test_web_server() {
	answers >"$tap_dir/as-container"
	(
		sock=$run/jair/api.sock
		run=$tap_dir/other
		start_nginx && answers >"$tap_dir/as-run"
		kill "$nginx_pid" && wait "$nginx_pid"
	)
	is 'the web server answers as that of make run, header by header' \
	    "$(cat "$tap_dir/as-container")" "$(cat "$tap_dir/as-run")"
	like 'with the limits of the login' "$(cat "$tap_dir/as-container")" \
	    'login 413 .*4 KiB'
	mkdir -p "$tap_dir/stub" "$tap_dir/limit"
	# shellcheck disable=SC2016 # expanded by the stub
	printf '#!/bin/sh\nexec cat "$6"\n' >"$tap_dir/stub/nginx"
	chmod 755 "$tap_dir/stub/nginx"
	like 'its limit of an upload is the setting' "$(with_limit 54321)" \
	    'client_max_body_size 54321;'
	like 'which must be a number' "$(with_limit 1x)" \
	    'JAIR_RESTORE_MAX is "1x"'
}
# with_limit N: the configuration that the container would have.
with_limit() {
	PATH=$tap_dir/stub:$PATH JAIR_SHARE=$tap_dir/share \
	    JAIR_NGINX_RUN=$tap_dir/limit JAIR_RESTORE_MAX=$1 \
	    conf/container/jair-nginx 2>&1
}

make_house
ok 'the programs, also of a next version' make_images
ok 'the compose file can be read' read_compose
ok 'that for development too' \
    docker-compose -f docker-compose.dev.yml config -q
is 'a plain "docker compose up" is for households' \
    "$(readlink docker-compose.yml)" docker-compose.prod.yml
is 'api waits for the end of init' "$(condition api init)" \
    service_completed_successfully
is 'nginx waits until api is healthy' "$(condition nginx api)" service_healthy
test_foreign_folder
test_fresh_start
test_web_server
household_goes_on
done_testing
