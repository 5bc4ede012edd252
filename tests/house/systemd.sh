#!/bin/bash
# Without this test the units could fail to load, give the services more than
# they need, or forbid them something that they do.
# shellcheck disable=SC2154 # from the library
. tests/lib.sh

if ! command -v systemd-analyze >/dev/null; then
	skip 'the units' 'systemd-analyze is not installed (package systemd)'
	done_testing
fi
# Another user runs programs from it below.
chmod 711 "$tap_dir"
umask 022
units=$tap_dir/usr/lib/systemd/system

install_it() {
	make -s --no-print-directory install PREFIX="$tap_dir/usr" \
	    SYSCONFDIR="$tap_dir/etc" >"$tap_dir/log" 2>&1 ||
	    { cat "$tap_dir/log"; return 1; }
}
verify() {
	local said
	said=$(systemd-analyze verify --man=no "$@" 2>&1) || said+=failed
	[ -z "$said" ] || { diag "$said"; return 1; }
}
# exposed TENTHS UNIT: is it exposed more than that, of 100?
exposed() {
	! systemd-analyze security --offline=yes --threshold="$1" "$2" \
	    >"$tap_dir/log" 2>&1
}

ok 'make install' install_it
ok 'the units are valid' verify "$units"/jair-*.service
not_ok 'jair-init.service is hardly exposed (at most 1.0)' \
    exposed 10 "$units/jair-init.service"
not_ok 'jair-api.service is little exposed (at most 1.6)' \
    exposed 16 "$units/jair-api.service"
sed -i.kept '/^SystemCallFilter/d; /^Protect/d' "$units/jair-api.service"
ok 'without its protection it would be' exposed 16 "$units/jair-api.service"
sed 's/^Restart=.*/Restart=perhaps/' "$units/jair-api.service.kept" \
    >"$units/jair-api.service"
not_ok 'a mistake in a unit is found' verify "$units/jair-api.service"
mv "$units/jair-api.service.kept" "$units/jair-api.service"

# ---- what the services may ask of the kernel --------------------------------

# members NAME...: the system calls of these groups and names.
members() {
	local name
	for name; do
		case $name in
		@*)
			# shellcheck disable=SC2046 # a list of words
			members $(systemd-analyze syscall-filter "$name" |
			    sed '1d; /^ *#/d') ;;
		*) echo "$name" ;;
		esac
	done
}
# allowed UNIT: every system call that its filters leave.
allowed() {
	local rule
	: >"$tap_dir/calls"
	while read -r rule; do
		# shellcheck disable=SC2086 # a list of words
		members ${rule#"~"} | sort -u >"$tap_dir/these"
		if [ "${rule:0:1}" = '~' ]; then
			comm -23 "$tap_dir/calls" "$tap_dir/these"
		else
			sort -u "$tap_dir/calls" "$tap_dir/these"
		fi >"$tap_dir/left"
		mv "$tap_dir/left" "$tap_dir/calls"
	done < <(sed -n 's/^SystemCallFilter=//p' "$1")
	cat "$tap_dir/calls"
}
# used TRACE...: the calls in these traces of strace.
used() { sed -nE 's/^([a-z_0-9]+)\(.*/\1/p' "$@" | sort -u; }
# As another user, since root takes ways that the services do not.
as_user=()
[ "$(id -u)" != 0 ] ||
	as_user=(setpriv --reuid=65534 --regid=65534 --clear-groups)
mkdir "$tap_dir/data" "$tap_dir/run" "$tap_dir/trace"
[ "$(id -u)" != 0 ] ||
	chown 65534:65534 "$tap_dir/data" "$tap_dir/run" "$tap_dir/trace"
export DATA_DIR=$tap_dir/data JAIR_SOCKET=$tap_dir/run/api.sock JAIR_WORKERS=2

cp tests/fixtures/db/v2.8.10-small.db "$DATA_DIR/dev.db"
[ "$(id -u)" != 0 ] || chown -R 65534:65534 "$DATA_DIR"
ok 'a boot, traced' "${as_user[@]}" strace -ff -qq -o "$tap_dir/trace/init" \
    "$tap_dir/usr/sbin/jair-init"
is 'jair-init.service allows all that it asked for' "$(comm -23 \
    <(used "$tap_dir"/trace/init*) <(allowed "$units/jair-init.service"))" ''

# asked PATH TEXT: does the answer hold it?
asked() {
	SCRIPT_NAME=$1 REQUEST_URI=$1 REQUEST_METHOD=GET \
	    REMOTE_ADDR=127.0.0.1 HTTP_HOST=localhost \
	    cgi-fcgi -bind -connect "$JAIR_SOCKET" 2>/dev/null |
	    grep -qF "$2"
}
# traced_pid: the server's, which is no child of ours.
traced_pid() { pgrep -x -P "$tracer" jair-api; }
"${as_user[@]}" strace -ff -qq -o "$tap_dir/trace/api" "$tap_dir/usr/sbin/jair-api" \
    2>"$tap_dir/log" &
tracer=$!
started "$tracer"
ok 'the server answers, traced' wait_for 60 asked /api/health '"status":"ok"'
ok 'and knows the database' wait_for 20 asked /api/system/status '"configured":'
kill "$(traced_pid)"
ok 'it stops' wait_for 30 gone "$tracer"
is 'jair-api.service allows all that it asked for' "$(comm -23 \
    <(used "$tap_dir"/trace/api*) <(allowed "$units/jair-api.service"))" ''
ok 'and that was traced' grep -qxE 'accept|accept4' \
    <(used "$tap_dir"/trace/api*)
ok 'landlock among it' grep -qx landlock_restrict_self \
    <(allowed "$units/jair-api.service")
not_ok 'but not to mount' grep -qx mount <(allowed "$units/jair-api.service")
not_ok 'nor to trace others' grep -qx ptrace \
    <(allowed "$units/jair-init.service")

# ---- user and folder --------------------------------------------------------

if [ "$(id -u)" = 0 ]; then
	root=$tap_dir/root
	mkdir -p "$root/etc" "$root/run"
	echo 'root:x:0:0::/root:/bin/sh' >"$root/etc/passwd"
	printf 'root:x:0:\nwww-data:x:33:\n' >"$root/etc/group"
	ok 'the user is made' systemd-sysusers --root="$root" \
	    "$tap_dir/usr/lib/sysusers.d/jair.conf"
	user=$(awk -F: '$1 == "jair" { print $3 }' "$root/etc/passwd")
	like 'it cannot log in' "$(grep '^jair:' "$root/etc/passwd")" \
	    ':/var/lib/jair:/(usr/)?s?bin/nologin$'
	ok 'the folder of the socket is made' systemd-tmpfiles --create \
	    --root="$root" "$tap_dir/usr/lib/tmpfiles.d/jair.conf"
	is "it is jair's, and open to the web server's group" \
	    "$(stat -c '%a %u %g' "$root/run/jair")" "2750 $user 33"
else
	skip 'the user and the folder of the socket' 'this needs root'
fi
done_testing
