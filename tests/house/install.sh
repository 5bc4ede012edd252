#!/bin/bash
# Without this test a package made from `make install` could lack a program or
# a page, or hold files that only their builder can read.
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
    share/jair/html/index.html share/man/man5/jair.env.5 \
    share/man/man8/jair-init.8 share/man/man8/jair-api.8; do
	is "$file" "$(mode "$tap_dir/usr/$file")" 644
done
is 'the version is that of the makefile' \
    "$("$tap_dir/usr/sbin/jair-init" --version)" \
    "jair-init $(sed -n 's/^VERSION := //p' Makefile)"
done_testing
