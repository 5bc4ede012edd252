# tree.sh: a checkout of our own in $tree, built, with a few tests.
# shellcheck shell=bash disable=SC2154 # from tests/lib.sh

tree=$tap_dir/jair

# make_tree: what `make run` needs, what is built, and a few tests, so that
# `make test` in it does not run the test that runs it.
make_tree() {
	local variant
	mkdir -p "$tree/build" "$tree/tests/unit" "$tree/tests/house" || return
	cp -a Makefile Dockerfile docker-compose* core init cgi-src html conf \
	    docs ./*.md LICENSE "$tree"
	cp -a tests/run.sh tests/lib.sh tests/fault "$tree/tests"
	rm -f "$tree"/tests/fault/*.sh
	cp -a tests/unit/buf_test.c "$tree/tests/unit"
	cp -a tests/house/version.sh tests/house/settings.sh \
	    "$tree/tests/house"
	for variant in release asan bite; do
		[ ! -d "build/$variant" ] || tree_built "$variant"
	done
}
# Nothing is built twice, but for the tests' own programs.
tree_built() {
	mkdir -p "$tree/build/$1"
	find "build/$1" -mindepth 1 -maxdepth 1 ! -name unit ! -name tests \
	    ! -name fuzz ! -name bench ! -name fault \
	    -exec cp -a {} "$tree/build/$1" \;
}
