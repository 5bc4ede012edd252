#!/bin/bash
# deb.sh VERSION: make a Debian package of what is built, in build/.  `make deb`
# calls it.  Needs dpkg-dev; a root is not needed.
set -eu
cd "$(dirname "$0")/.."
version=$1
maintainer=${DEB_MAINTAINER:-The authors of jair <jair@example.org>}
arch=$(dpkg --print-architecture)
out=build/jair_${version}_$arch.deb
from=conf/debian
umask 022

for tool in dpkg-shlibdeps dpkg-deb strip; do
	command -v "$tool" >/dev/null || {
		echo "deb.sh: $tool is missing (packages dpkg-dev, binutils)." >&2
		exit 2
	}
done
# The first heading of the changes is this version and its day.
day=$(sed -n "s/^## $version - \([0-9-]*\)$/\1/p" CHANGELOG.md)
[ -n "$day" ] || {
	echo "deb.sh: CHANGELOG.md has no \"## $version - YYYY-MM-DD\"." >&2
	exit 1
}
# The same programs make the same package, whenever.
SOURCE_DATE_EPOCH=$(date -u -d "$day 12:00" +%s)
export SOURCE_DATE_EPOCH

stage=$(mktemp -d build/deb.XXXXXX)
trap 'rm -rf "$stage"' EXIT
root=$PWD/$stage/root
doc=$root/usr/share/doc/jair

stage_files() {
	make -s --no-print-directory install DESTDIR="$root" PREFIX=/usr \
	    SYSCONFDIR=/etc UNITDIR=/lib/systemd/system >/dev/null
	strip --strip-unneeded "$root"/usr/sbin/jair-*
	gzip -9n "$root"/usr/share/man/man?/*
	# Settings of the administrator: dpkg asks before it changes them.
	install -d "$root/etc/nginx/sites-available"
	mv "$root/usr/share/jair/nginx-site.conf" \
	    "$root/etc/nginx/sites-available/jair"
	# Those of `make run`.
	rm -r "$root/usr/share/jair/conf"
	install -d "$doc"
	install -m 644 $from/copyright README.md docs/BACKUP_RECOVERY.md \
	    docs/api.md docs/format.md docs/guarantees.md \
	    docs/without-containers.md "$doc"
	sed -e '1,2d' -e 's/^$/./' -e 's/^/ /' LICENSE >>"$doc/copyright"
	# It may hold keys of services.
	install -d "$root/usr/share/lintian/overrides"
	echo 'jair: non-standard-file-perm 0640 != 0644 [etc/jair/jair.env]' \
	    >"$root/usr/share/lintian/overrides/jair"
	chmod 644 "$root/usr/share/lintian/overrides/jair"
}

# Debian's form of CHANGELOG.md.
write_changelog() {
	awk -v maintainer="$maintainer" '
	function close_entry() {
		if (open)
			printf "\n -- %s  %s\n\n", maintainer, when
	}
	/^## / {
		close_entry()
		command = "LC_ALL=C date -u -R -d \"" $4 " 12:00\""
		command | getline when
		close(command)
		printf "jair (%s) unstable; urgency=medium\n\n", $2
		open = 1
		next
	}
	!open || /^$/ { next }
	/^- / { print "  * " substr($0, 3); next }
	/^  / { print "    " substr($0, 3); next }
	{ print "  * " $0 }
	END { close_entry() }' CHANGELOG.md | gzip -9n >"$doc/changelog.gz"
}

write_control() {
	local depends size
	mkdir -p "$stage/debian" "$root/DEBIAN"
	cp $from/control "$stage/debian/control"
	depends=$(cd "$stage" && dpkg-shlibdeps -O root/usr/sbin/jair-* |
	    sed -n 's/^shlibs:Depends=//p')
	size=$(du -sk --apparent-size "$root" | cut -f1)
	sed -e '1,/^$/d' -e "s|@MAINTAINER@|$maintainer|" \
	    -e "s|@VERSION@|$version|" -e "s|@ARCH@|$arch|" \
	    -e "s|@SIZE@|$size|" -e "s/@DEPENDS@/$depends/" \
	    $from/control >"$root/DEBIAN/control"
	install -m 755 $from/postinst $from/prerm $from/postrm "$root/DEBIAN"
	(cd "$root" && find etc -type f -printf '/%p\n' | sort >DEBIAN/conffiles
	    find . -path ./DEBIAN -prune -o -type f -printf '%P\0' | sort -z |
	    xargs -0 md5sum >DEBIAN/md5sums)
}

stage_files
write_changelog
write_control
find "$root" -exec touch -hd "@$SOURCE_DATE_EPOCH" {} +
dpkg-deb --root-owner-group -Zxz --build "$root" "$out" >/dev/null
echo "$out"
