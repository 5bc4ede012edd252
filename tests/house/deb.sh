#!/bin/bash
# Without this test the package could be one that Debian refuses, lose the
# owner's settings at an upgrade, or take the household's lists with it when it
# is removed.
# shellcheck disable=SC2154 # from the library
. tests/lib.sh

version=$(sed -n 's/^VERSION := //p' Makefile)
arch=$(dpkg --print-architecture 2>/dev/null)
deb=build/jair_${version}_$arch.deb
if ! command -v dpkg-shlibdeps >/dev/null; then
	skip 'the package' 'dpkg-shlibdeps is not installed (package dpkg-dev)'
	done_testing
fi

make_deb() { make -s --no-print-directory deb >"$tap_dir/log" 2>&1 ||
	{ cat "$tap_dir/log"; return 1; }; }
control() { dpkg-deb -f "$1" "$2"; }
ok 'make deb' make_deb
first=$(sha256sum "$deb")
is 'it bears the version of the makefile' "$(control "$deb" Version)" "$version"
like 'it depends on the libraries of its programs' \
    "$(control "$deb" Depends)" 'libsqlite3-0 .*systemd'
ok 'make deb again' make_deb
is 'makes the same file' "$(sha256sum "$deb")" "$first"
# It forgets a file of its own in /tmp, whatever TMPDIR says.
forgotten() { find /tmp -maxdepth 1 -name 'mldbm-elf-*' -user "$(id -un)" | sort; }
if command -v lintian >/dev/null; then
	before=$(forgotten)
	is 'lintian has nothing to say' \
	    "$(lintian --fail-on error "$deb" 2>&1 | grep '^[EW]:')" ''
	comm -13 <(echo "$before") <(forgotten) | xargs -r rm -f
else
	skip 'lintian has nothing to say' 'lintian is not installed'
fi

# ---- installed, upgraded, removed and purged in a throw-away root -----------

if [ "$(id -u)" != 0 ]; then
	skip 'install, upgrade, remove, purge' 'dpkg needs root for it'
	done_testing
fi
root=$tap_dir/root
data=$root/var/lib/jair
mkdir -p "$root"/{etc,run,tmp,var/lib/dpkg/{info,updates,triggers}}
# The packages of this machine, so that dependencies are looked at.
cp /var/lib/dpkg/status "$root/var/lib/dpkg/status"
echo 'root:x:0:0::/root:/bin/sh' >"$root/etc/passwd"
printf 'root:x:0:\nwww-data:x:33:\n' >"$root/etc/group"

# The scripts of the package run here, and are told of the root.
dpkg_there() {
	PATH=$PATH:/usr/sbin:/sbin LC_ALL=C dpkg --root="$root" --log=/dev/null \
	    --force-script-chrootless --force-confold "$@" \
	    >"$tap_dir/dpkg.log" 2>&1 </dev/null
}
run_dpkg() {
	dpkg_there "$@" || { grep -v '^dpkg: warning' "$tap_dir/dpkg.log"; return 1; }
}
state() {
	dpkg-query --admindir="$root/var/lib/dpkg" -W -f '${db:Status-Status}' jair \
	    2>/dev/null || echo none
}
jair() { DATA_DIR=$data "$root/usr/sbin/jair-init" "$@" >"$tap_dir/log" 2>&1; }
# lists: what purge must not touch, by content.
lists() { (cd "$data" && find . -type f -exec sha256sum {} + | sort); }
wanted=$root/etc/systemd/system/multi-user.target.wants/jair-api.service
said() { grep -qF "$1" "$tap_dir/dpkg.log"; }

ok 'installed' run_dpkg --install "$deb"
is 'and configured' "$(state)" installed
ok 'it says where the code of the setup is' said 'journalctl -u jair-init'
ok 'the user is there' grep -q '^jair:' "$root/etc/passwd"
ok 'the server starts with the machine' test -L "$wanted"
is 'the programs run' "$("$root/usr/sbin/jair-init" --version)" \
    "jair-init $version"
ok 'the settings are for root alone' \
    test "$(mode "$root/etc/jair/jair.env")" = 640

mkdir -p "$data"
cp tests/fixtures/db/v2.8.10-small.db "$data/dev.db"
ok 'a household moves in' jair
kept=$(lists)
echo 'JAIR_WORKERS=2' >>"$root/etc/jair/jair.env"

dpkg-deb -R "$deb" "$tap_dir/next"
sed -i 's/^Version: .*/&+next/' "$tap_dir/next/DEBIAN/control"
echo '# A new line of the next version.' >>"$tap_dir/next/etc/jair/jair.env"
dpkg-deb --root-owner-group -b "$tap_dir/next" "$tap_dir/next.deb" >/dev/null
ok 'upgraded' run_dpkg --install "$tap_dir/next.deb"
ok 'the settings are the owner'"'"'s' \
    grep -qx 'JAIR_WORKERS=2' "$root/etc/jair/jair.env"
is 'the lists are untouched' "$(lists)" "$kept"
ok 'an owner who does not want it at the start' rm "$wanted"
ok 'upgraded again' run_dpkg --install "$tap_dir/next.deb"
not_ok 'is not asked again' test -L "$wanted"

ok 'removed' run_dpkg --remove jair
not_ok 'the programs are gone' test -e "$root/usr/sbin/jair-init"
ok 'the settings are not' test -e "$root/etc/jair/jair.env"
is 'nor are the lists' "$(lists)" "$kept"

ok 'purged' run_dpkg --purge jair
is 'the package is gone' "$(state)" none
not_ok 'and its settings' test -e "$root/etc/jair"
is 'but not one byte of the lists' "$(lists)" "$kept"
ok 'and it says where they are' said 'stay in /var/lib/jair'
is 'nothing else is left of it' "$(find "$root" -name '*jair*' \
    -not -path "$data*" -not -path '*/deb-systemd-helper-*')" ''

ok 'installed again' run_dpkg --install "$deb"
ok 'it goes on with the same household' jair verify dev.db
done_testing
