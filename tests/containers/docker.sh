#!/bin/bash
# Without this test nobody would know whether the Dockerfile builds, how large
# the images are, and whether a household lives well in docker-compose.prod.yml.
# Debian's own engine runs as a throw-away daemon with folders, networks and
# names of its own, so that an engine of this machine is not touched; the base
# image is made of Debian's packages from where this machine gets them.
# shellcheck disable=SC2154,SC2317 # from the libraries; called by them
cd "$(dirname "$0")/../.." || exit 1
. tests/lib.sh
. tests/lib-http.sh
. tests/lib-containers.sh
. tests/docs/lib/run.sh
. tests/docs/lib/docker.sh
PATH=$PATH:/usr/sbin:/sbin
images=localhost/jair
total_max=100	# MB, of each image
ours_max=20	# MB, of which the base image has no part
compose_seconds=180	# also on a busy machine

trap 'stop_engine; tap_cleanup' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# ---- the engine ---------------------------------------------------------------
# In memory, where there is room: nothing here need survive.
make_place() {
	local free
	place=$tap_dir/engine
	free=$(df --output=avail -k /dev/shm 2>/dev/null | tail -n 1)
	if [ "${free:-0}" -gt 4000000 ] && [ "$(awk '/MemAvailable/ {print $2}' \
	    /proc/meminfo)" -gt 6000000 ]; then
		place=$(mktemp -d /dev/shm/jair-engine.XXXXXX)
	fi
	mkdir -p "$place/tmp"
	chmod 711 "$place"
	export DOCKER_HOST=unix://$tap_dir/docker.sock DOCKER_BUILDKIT=0
	export COMPOSE_PROJECT_NAME=jair DOCKER_CONFIG=$place/config
	unset DOCKER_CONTEXT DOCKER_TLS_VERIFY DOCKER_CERT_PATH COMPOSE_FILE
}
docker() { /usr/bin/docker "$@"; }
compose() {
	JAIR_TAG=$tag PORT=$port JAIR_LISTEN=127.0.0.1 \
	    timeout "$compose_seconds" /usr/bin/docker-compose --project-directory "$home" \
	    -f "$home/docker-compose.prod.yml" "$@"
}
start_engine() {
	TMPDIR=$place/tmp dockerd --host "$DOCKER_HOST" \
	    --data-root "$place/data" --exec-root "$place/exec" \
	    --pidfile "$place/pid" --containerd-namespace "jair-$$" \
	    --containerd-plugins-namespace "jair-plugins-$$" --bridge=none \
	    --iptables=false --ip6tables=false --ip-forward=false \
	    --default-ulimit nofile=1024:4096 >"$tap_dir/dockerd.log" 2>&1 &
	engine_pid=$!
	wait_for 60 engine_answers
}
engine_answers() {
	gone "$engine_pid" || docker version >/dev/null 2>&1
}
# Whatever became of the test: no container, no daemon, no mount stays.
stop_engine() {
	local mounts
	[ -n "${place:-}" ] || return 0
	if [ -n "${engine_pid:-}" ] && ! gone "$engine_pid"; then
		mapfile -t mounts < <(docker ps -aq)
		[ ${#mounts[@]} = 0 ] || docker rm -f "${mounts[@]}" >/dev/null
		docker network prune -f >/dev/null
		docker volume prune -f >/dev/null
		kill "$(cat "$place/pid" 2>/dev/null || echo "$engine_pid")"
		wait_for 30 gone "$engine_pid" || kill -KILL "$engine_pid"
		wait "$engine_pid" 2>/dev/null
	fi
	mapfile -t mounts < <(awk -v p="$place/" 'index($2, p) == 1 {print $2}' \
	    /proc/mounts | sort -r)
	[ ${#mounts[@]} = 0 ] || umount "${mounts[@]}"
	rm -rf "${place:?}"
}

# ---- images -------------------------------------------------------------------
# Where this machine gets Debian's packages, and through which proxy.
sources() {
	# shellcheck disable=SC2016 # expanded by apt-get
	apt-get indextargets --format 'deb $(REPO_URI) $(RELEASE) $(COMPONENT)' \
	    'Created-By: Packages' 'Origin: Debian' | grep ' bookworm' | sort -u
}
make_base() {
	local option options=()
	while read -r option; do
		options+=("--aptopt=$option")
	done < <(apt-config dump |
	    grep -E '^Acquire::(https?::.*Proxy|Check-(Date|Valid-Until)) ')
	for option in man doc locale info; do
		options+=("--dpkgopt=path-exclude=/usr/share/$option/*")
	done
	sources | TMPDIR=$place/tmp mmdebstrap --quiet --variant=minbase \
	    --hook-dir=/usr/share/mmdebstrap/hooks/merged-usr \
	    --include=usr-is-merged "${options[@]}" bookworm \
	    "$place/base.tar" - >"$tap_dir/base.log" 2>&1 || {
		tail -n 20 "$tap_dir/base.log"
		return 1
	}
	docker import "$place/base.tar" debian:bookworm-slim >/dev/null &&
	    rm "$place/base.tar"
}
build_image() { # TARGET
	local name args=()
	for name in http_proxy https_proxy no_proxy; do
		[ -z "${!name:-}" ] || args+=(--build-arg "$name=${!name}")
	done
	docker build --network host "${args[@]}" --target "$1" \
	    -t "$images/$1:first" . >"$tap_dir/build-$1.log" 2>&1 ||
	    { tail -n 30 "$tap_dir/build-$1.log"; return 1; }
}
# Of the next version only the programs are others.
build_next() {
	make_next "$tap_dir/source" || return 1
	mkdir "$tap_dir/next"
	strip -o "$tap_dir/next/jair-init" "$tap_dir/source/build/release/jair-init"
	strip -o "$tap_dir/next/jair-api" "$tap_dir/source/build/release/jair-api"
	printf 'FROM %s/api:first\nCOPY jair-* /usr/sbin/\n' "$images" \
	    >"$tap_dir/next/Dockerfile"
	docker build -t "$images/api:next" "$tap_dir/next" >>"$tap_dir/next.log" &&
	    docker tag "$images/nginx:first" "$images/nginx:next"
}
megabytes() { # IMAGE
	echo $(($(docker image inspect -f '{{.Size}}' "$1") / 1000000))
}
test_size() {
	local base all name
	base=$(megabytes debian:bookworm-slim)
	for name in api nginx; do
		all=$(megabytes "$images/$name:first")
		diag "image $name: $all MB, $((all - base)) MB above its base"
		ok "the image of $name has $all MB of at most $total_max" \
		    test "$all" -le "$total_max"
		ok "of which $((all - base)) of at most $ours_max are not the base's" \
		    test $((all - base)) -le "$ours_max"
		contents "$name"
	done
}
in_image() { # NAME CMD...
	docker run --rm --network none "$images/$1:first" "${@:2}"
}
contents() {
	is "$1: it lists what is in it" \
	    "$(in_image "$1" cat /usr/share/jair/packages)" \
	    "$(in_image "$1" dpkg-query -W)"
	is "$1: no compiler, no header, no list of packages, no log" \
	    "$(in_image "$1" sh -c 'command -v cc gcc make strip
	    ls -d /usr/include/*.h /src /out; find /var/lib/apt/lists \
	    /var/cache/apt /var/log -type f -size +40k' 2>/dev/null)" ''
	is "$1: no library is missing" \
	    "$(in_image "$1" sh -c 'ldd /usr/sbin/jair-init /usr/sbin/jair-api \
	    /usr/sbin/nginx' 2>/dev/null | grep 'not found')" ''
}

# ---- what docker-compose.prod.yml promises ------------------------------------
test_rights() {
	local name
	for name in init api nginx; do
		is "$name: no root, nothing to write to, no privilege" \
		    "$(docker inspect -f '{{.HostConfig.ReadonlyRootfs}}
			{{.HostConfig.CapDrop}} {{.HostConfig.SecurityOpt}}
			{{.HostConfig.Privileged}}' "jair-$name" | xargs)" \
		    'true [ALL] [no-new-privileges:true] false'
		not_ok "$name: its user is not root" \
		    test "$(docker inspect -f '{{.Config.User}}' "jair-$name" |
		    cut -d: -f1)" = 0
		ok "$name: its memory has a limit" \
		    test "$(docker inspect -f '{{.HostConfig.Memory}}' \
		    "jair-$name")" -gt 0
		is "$name: its log has a limit" "$(docker inspect -f \
		    '{{index .HostConfig.LogConfig.Config "max-size"}}' \
		    "jair-$name")" 10m
	done
	for name in api nginx; do
		is "$name: no capability is left" "$(docker exec "jair-$name" \
		    sed -n 's/^CapBnd:[[:space:]]*0*\([^0]*\)$/\1/p' \
		    /proc/1/status)" ''
	done
	not_ok 'the web server does not see the data' \
	    docker exec jair-nginx ls /app/data
	not_ok 'nor may it put anything beside the socket' \
	    docker exec jair-nginx touch /run/jair/x
	not_ok 'the server cannot change its programs' \
	    docker exec jair-api touch /usr/sbin/x
}
# One container after the other, each when the former was so far.
test_order() {
	local init api nginx
	init=$(docker inspect -f '{{.State.FinishedAt}}' jair-init)
	api=$(docker inspect -f '{{.State.StartedAt}}' jair-api)
	nginx=$(docker inspect -f '{{.State.StartedAt}}' jair-nginx)
	ok 'init ends before api starts' [ "$init" '<' "$api" ]
	ok 'api starts before nginx' [ "$api" '<' "$nginx" ]
	is 'api is healthy' "$(health api)" healthy
	ok 'nginx becomes healthy' wait_for 60 is_healthy nginx
	diag "init ended $init, api started $api, nginx started $nginx"
}
health() { docker inspect -f '{{.State.Health.Status}}' "jair-$1"; }
is_healthy() { [ "$(health "$1")" = healthy ]; }

# ---- the engine's part in lib-containers.sh -----------------------------------
tag=first
use() { tag=$1; }
up() {
	compose up -d --no-build >"$up_log" 2>&1 || {
		sed 's/^/# /' "$up_log"
		return 1
	}
}
down() { compose down >>"$up_log" 2>&1; }
begins() {
	main_pid=$(docker inspect -f '{{.State.Pid}}' "jair-$1" 2>/dev/null) &&
	    [ "${main_pid:-0}" != 0 ]
}
exit_of() { docker inspect -f '{{.State.ExitCode}}' "jair-$1"; }
log_of() { docker logs "jair-$1" 2>&1; }
inside() {
	docker exec "jair-$1" "${@:2}"
}
alone() {
	compose up -d --no-build --no-deps api >"$up_log" 2>&1
	wait_for 30 has_given_up
}
has_given_up() {
	ended_status=$(exit_of api)
	[ "$ended_status" != 0 ]
}
revived() {
	local former=$main_pid
	wait_for 60 another_than "$1" "$former"
}
another_than() {
	begins "$1" && [ "$main_pid" != "$2" ] && is_healthy "$1"
}
beside_api() { exec nsenter -t "$main_pid" -n "$@"; }
owner_makes() {
	mkdir -p "$data"
	chown 1000:1000 "$data"
}

# ---- does an engine run here? -------------------------------------------------
no_engine() {
	skip 'a household in containers' "NO CONTAINER ENGINE RUNS HERE: $1; \
tests/containers/plain.sh shows the same with plain processes"
	unset DOCKER_HOST
	docs_commands docker
	done_testing
}
[ "$(id -u)" = 0 ] || no_engine 'it needs root'
command -v dockerd >/dev/null || no_engine 'there is no dockerd'
make_place
start_engine
gone "$engine_pid" && no_engine "dockerd ends: $(tail -n 1 "$tap_dir/dockerd.log")"
docker network create jair-try >"$tap_dir/try.log" 2>&1 ||
	no_engine "no networks: $(tail -n 1 "$tap_dir/try.log")"
docker network rm jair-try >/dev/null

ok "a base image of Debian's packages" make_base
docker run --rm --network none debian:bookworm-slim true >"$tap_dir/try.log" \
    2>&1 || no_engine "no container starts: $(tail -n 1 "$tap_dir/try.log")"
diag "$SECONDS s so far"
for target in api nginx; do
	ok "the Dockerfile builds $target" build_image "$target"
done
diag "$SECONDS s so far"
test_size
ok 'an image of the next version' build_next

port=$(free_port)
make_house
chmod 711 "$tap_dir"
test_foreign_folder
test_fresh_start
test_order
test_rights
household_goes_on

# ---- what the pages say of containers -----------------------------------------
down
docs_commands docker
diag "$SECONDS s in all"
done_testing
