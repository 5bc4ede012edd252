#!/bin/bash
# Without this test the include rules and the ban on dangerous functions could
# stop finding anything and nobody would see it.
. tests/lib.sh
plan 11

tree=$tap_dir/tree
rules=$PWD/tests/lint

# put FILE TEXT: one more file in the tree that is judged.
put() {
	mkdir -p "$tree/$(dirname "$1")"
	printf '%b\n' "$2" >"$tree/$1"
}
# header FILE: an empty header with its right guard.
header() {
	local guard
	guard=$(tr 'a-z/.-' 'A-Z___' <<<"$1")
	put "$1" "#ifndef $guard\n#define $guard\n#endif"
}
fresh() {
	rm -rf "$tree"
	header core/err.h
	header core/db.h
	header core/snapshot.h
	header cgi-src/http/router.h
}
includes() { "$rules/includes.sh" "$tree" >"$tap_dir/out" 2>&1; }
banned() { "$rules/banned.sh" "$tree" >"$tap_dir/out" 2>&1; }
# refused NAME FILE TEXT: the rules must complain of that file.
refused() {
	fresh
	put "$2" "$3"
	if includes; then
		tap_fail "$1"
	else
		ok "$1" grep -q "^$2" "$tap_dir/out"
	fi
}

fresh
put core/snapshot.c '#include <sqlite3.h>\n#include "core/db.h"'
put core/db.c '#include <sqlite3.h>\n#include "core/err.h"'
ok 'what the rules allow passes' includes
refused 'base may not include data' core/buf.c '#include "core/db.h"'
refused 'data may not include domain' core/store_a.c \
    '#include "core/snapshot.h"'
refused 'init may not include HTTP' init/main.c \
    '#include "cgi-src/http/router.h"'
refused 'http may not include domain' cgi-src/http/a.c \
    '#include "core/snapshot.h"'
refused 'sqlite3.h is for few' core/restore.c '#include <sqlite3.h>'
refused 'curl is for fetch' init/main.c '#include <curl/curl.h>'
refused 'a header with a wrong guard' core/a.h '#ifndef A_H\n#define A_H\n#endif'
refused 'a header that needs another' core/a.h \
    '#ifndef CORE_A_H\n#define CORE_A_H\nsize_t a(void);\n#endif'

fresh
put core/a.c '/* strcpy(a, b) is banned */\nint my_system(int x);\nint a;'
ok 'a comment may name a banned function' banned
put core/b.c 'int b(char *p)\n{\n\treturn atoi(p);\n}'
not_ok 'a call of a banned function is found' banned
done_testing
