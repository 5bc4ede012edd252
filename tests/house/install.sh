#!/bin/bash
# Without this test a package made from `make install` could lack a program or
# a page, or hold files that only their builder can read; and an owner's
# settings could be overwritten by the next version.
. tests/lib.sh

install_it() {
	make -s --no-print-directory install DESTDIR="$tap_dir" PREFIX=/usr \
	    >"$tap_dir/log" 2>&1 || { cat "$tap_dir/log"; return 1; }
}
umask 022
ok 'make install' install_it
for file in sbin/jair-init sbin/jair-api; do
	is "$file" "$(mode "$tap_dir/usr/$file")" 755
done
for file in share/jair/conf/jair.env.example share/jair/conf/nginx.conf \
    share/jair/html/index.html share/jair/nginx-site.conf \
    lib/systemd/system/jair-init.service lib/systemd/system/jair-api.service \
    lib/sysusers.d/jair.conf lib/tmpfiles.d/jair.conf \
    share/man/man5/jair.env.5 share/man/man5/jair-archive.5 \
    share/man/man8/jair-init.8 share/man/man8/jair-api.8; do
	is "$file" "$(mode "$tap_dir/usr/$file")" 644
done
is 'the version is that of the makefile' \
    "$("$tap_dir/usr/sbin/jair-init" --version)" \
    "jair-init $(sed -n 's/^VERSION := //p' Makefile)"
not_ok 'no file has a word left to fill in' grep -rEl '@[A-Z_]+@' \
    --exclude=nginx.conf --exclude='jair-*' "$tap_dir/usr" "$tap_dir/etc"
not_ok 'nor has a unit' grep -El '@[A-Z_]+@' \
    "$tap_dir"/usr/lib/systemd/system/*

settings=$tap_dir/etc/jair/jair.env
is 'the settings, which may hold keys, are not for everybody' \
    "$(mode "$settings")" 640
is 'they say every default, and set nothing' \
    "$(grep -c '^[A-Z]' "$settings") $(grep -c '^#[A-Z_]*=' "$settings")" \
    "0 $(grep -c '^[A-Z_]*=' conf/jair.env.example)"
echo 'JAIR_WORKERS=2' >"$settings"
ok 'make install again' install_it
is 'leaves the settings of the owner' "$(cat "$settings")" 'JAIR_WORKERS=2'
done_testing
