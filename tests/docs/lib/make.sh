# make.sh: a checkout, in which `make run` and `make test` work.  Its data and
# its port are its own, so that nobody else's are touched.
# shellcheck shell=bash disable=SC2154,SC2034 # from, for the other libraries
. tests/docs/lib/tree.sh

world_data=$tree/data
world_home=$tree
world_inside=data	# the data folder, where world_sh is
docs_port=$(free_port)
docs_port2=$(free_port)

world_can() { :; }

world_new() {
	[ -d "$tree" ] || make_tree
	mkdir "$world_data"
}

# As on a terminal of its owner: nothing else is set.
# shellcheck disable=SC2054 # the comma is env's
make_env=(env -i --default-signal=INT,TERM HOME="$tap_dir" PATH="$PATH"
	LANG=C.UTF-8 TMPDIR="${TMPDIR:-/tmp}" PORT="$docs_port")
world_stay() {
	cd "$tree" && exec "${make_env[@]}" \
	    setsid bash -c "exec $1"
}
world_sh() {
	(cd "$tree" && "${make_env[@]}" bash -c "$1")
}

world_ready() { :; }
world_start() {
	docs_background 'make run' &&
	wait_for 120 grep -q 'jair is ready' "$docs_stays"
}
world_stop() { docs_interrupt; }
world_own() { :; }

world_end() {
	while [ ${#docs_pids[@]} -gt 0 ] && docs_interrupt; do :; done
	rm -rf "${world_data:?}" "$tree/trial" "$tree/original"
}
