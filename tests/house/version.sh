#!/bin/bash
# Without this test a release could bear two versions, and nobody would know
# which changes it holds.
. tests/lib.sh
version=$(sed -n 's/^VERSION := //p' Makefile)

like 'the makefile has the version' "$version" '^[0-9]+\.[0-9]+\.[0-9]+$'
is 'the newest changes are those of this version' \
    "$(sed -n 's/^## \([^ ]*\) - [0-9-]*$/\1/p' CHANGELOG.md | head -n 1)" \
    "$version"
for program in jair-init jair-api; do
	is "$program bears it" "$("$build/$program" --version)" \
	    "$program $version"
done
# Else the next version would be looked for under the name of this one.
is 'images bear it' "$(sed -n 's/^ *image: .*JAIR_TAG:-\(.*\)}$/\1/p' \
    docker-compose.prod.yml | sort -u)" "$version"
# Samples of archives in tests and pages may be of any version.
elsewhere() {
	grep -rnF "$version" core/*.c init cgi-src html conf README.md \
	    CONTRIBUTING.md docs/*.md
}
not_ok 'it stands nowhere else' elsewhere
done_testing
