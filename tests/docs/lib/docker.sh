# docker.sh: a folder with docker-compose.prod.yml, and an engine: that of
# $DOCKER_HOST, which has the images $images/{api,nginx}:first and :next.  A
# registry of its own hands them out.
# shellcheck shell=bash disable=SC2154,SC2034 # from, for the other libraries

world_home=$tap_dir/guide
world_data=$world_home/data
world_inside=$world_data
docs_port=$(free_port)
docs_tag=household
registry=

world_can() {
	[ -n "${DOCKER_HOST:-}" ] || { echo 'no engine runs here'; return; }
	command -v docker-registry >/dev/null ||
		{ echo 'docker-registry is not installed'; return; }
	docker_commands && docker_registry && docker_offer first ||
		echo 'the registry of the images does not answer'
}

# `docker compose` is a program of its own in Debian 12, and asks for a
# terminal where the newer one does without.
docker_commands() {
	mkdir -p "$tap_dir/bin" && cat >"$tap_dir/bin/docker" <<-'END' &&
		#!/bin/bash
		[ "$1" = compose ] || exec /usr/bin/docker "$@"
		shift
		words=()
		for word; do
			words+=("$word")
			[ "$word" != run ] || words+=(-T)
		done
		exec /usr/bin/docker-compose "${words[@]}"
	END
	chmod 755 "$tap_dir/bin/docker"
}

docker_registry() {
	local port
	port=$(free_port)
	mkdir -p "$tap_dir/registry" &&
	printf '%s\n' 'version: 0.1' 'storage:' '  filesystem:' \
	    "    rootdirectory: $tap_dir/registry" 'http:' \
	    "  addr: 127.0.0.1:$port" >"$tap_dir/registry.yml" || return
	docker-registry serve "$tap_dir/registry.yml" \
	    >"$tap_dir/registry.log" 2>&1 &
	started $!
	registry=localhost:$port/jair
	wait_for 20 curl -s --noproxy '*' -o "$tap_dir/registry.answer" \
	    "http://127.0.0.1:$port/v2/"
}
# docker_offer TAG: these images are what a pull brings now.
docker_offer() {
	local name
	for name in api nginx; do
		/usr/bin/docker tag "$images/$name:$1" \
		    "$registry/$name:$docs_tag" &&
		/usr/bin/docker push -q "$registry/$name:$docs_tag" || return
	done >"$tap_dir/push.log" 2>&1
}

world_new() {
	docker_offer first && rm -rf "${world_home:?}" &&
	mkdir -p "$world_home" && chmod 755 "$world_home" &&
	cp docker-compose.prod.yml "$world_home" &&
	printf '%s\n' "JAIR_IMAGES=$registry" "JAIR_TAG=$docs_tag" \
	    "PORT=$docs_port" JAIR_LISTEN=127.0.0.1 >"$world_home/.env"
}
world_sh() {
	(cd "$world_home" && exec env -i HOME="$tap_dir" LANG=C.UTF-8 \
	    PATH="$tap_dir/bin:$PATH" DOCKER_HOST="$DOCKER_HOST" \
	    COMPOSE_PROJECT_NAME=jair bash -c "$1")
}
world_ready() {
	mkdir -p "$world_data" && chown 1000:1000 "$world_data"
}
world_start() {
	world_ready &&
	world_sh 'docker compose -f docker-compose.prod.yml up -d'
}
world_stop() { world_sh 'docker compose -f docker-compose.prod.yml down'; }
world_own() { chown -R 1000:1000 "$world_data"; }

world_end() {
	[ ! -d "$world_home" ] || world_stop >"$docs/down.log" 2>&1
}

# The registry has newer images.
given_next_images() { docker_offer next; }
