#!/bin/bash
# run.sh: every check that needs no running program.  Each prints one line;
# what a failing one says follows.  The flags come from `make lint`.
set -u
cd "$(dirname "$0")/../.." || exit 1
PATH=$PATH:/usr/sbin:/sbin
build=${JAIR_BUILD:-build/release}
export LINT_CPPFLAGS=${LINT_CPPFLAGS:--I. -I$build/gen -D_GNU_SOURCE}
failed=0
out=$(mktemp) || exit 1
scratch=$(mktemp -d) || exit 1
trap 'rm -rf "$out" "$scratch"' EXIT

# check NAME TOOL COMMAND...: run it when TOOL is there.
check() {
	local name=$1 tool=$2 began=$SECONDS
	shift 2
	if ! command -v "$tool" >/dev/null 2>&1; then
		echo "FAIL $name: $tool is not installed (conf/setup.sh lint)"
		failed=$((failed + 1))
	elif "$@" >"$out" 2>&1; then
		echo "ok   $name ($((SECONDS - began)) s)"
	else
		echo "FAIL $name ($((SECONDS - began)) s)"
		sed 's/^/     | /' "$out" | head -n 80
		failed=$((failed + 1))
	fi
}

list() {
	find "${@:2}" -name "$1" -not -path '*/node_modules/*' 2>/dev/null |
	    sort
}

mapfile -t sources < <(list '*.c' core init cgi-src)
mapfile -t all_c < <(list '*.[ch]' core init cgi-src tests)
mapfile -t scripts < <(list '*.sh' conf tests .ci; list 'p*' conf/debian
	list 'jair-*' conf/container
	echo .ci/run)
mapfile -t pages < <(list '*.[0-9]' docs/man)
mapfile -t modules < <(list '*.js' html; list '*.mjs' html tests)

tidy() {
	# shellcheck disable=SC2016 # expanded by the inner shell
	printf '%s\0' "${sources[@]}" | xargs -0 -n 4 -P "$(nproc)" sh -c \
	    'flags=$1; shift; exec clang-tidy --quiet "$@" -- $flags \
	    2>/dev/null' \
	    tidy "-std=c11 $LINT_CPPFLAGS"
}

check_nginx() {
	local conf=$scratch/nginx.conf user=
	[ "$(id -u)" != 0 ] || user='user root;'
	# Filled in as conf/run.sh does.
	sed -e "s|@RUN@|$scratch|g" -e "s|@HTML@|$PWD/html|g" \
	    -e "s|@SOCKET@|$scratch/api.sock|g" -e "s|@USER@|$user|" \
	    -e 's|@LISTEN@|127.0.0.1|' -e 's|@PORT@|5173|' \
	    -e 's|@RESTORE_MAX@|1073741824|' \
	    conf/nginx.conf >"$conf"
	nginx -t -q -e "$scratch/error.log" -p "$scratch" -c "$conf"
}

check_modules() {
	local file status=0
	for file in "${modules[@]}"; do
		node --input-type=module --check <"$file" || {
			echo "$file"
			status=1
		}
	done
	return $status
}

check 'include rules' gcc tests/lint/includes.sh
check 'banned functions' gcc tests/lint/banned.sh
check 'layout (make format)' clang-format \
    clang-format --dry-run --Werror "${all_c[@]}"
# SC2317: functions that ok and trap call look unreachable to it.
check shellcheck shellcheck shellcheck -x -e SC2317 "${scripts[@]}"
[ ${#pages[@]} = 0 ] ||
	check 'manual pages' mandoc mandoc -Tlint -W warning "${pages[@]}"
[ ${#modules[@]} = 0 ] || check 'page modules' node check_modules
[ ! -e conf/nginx.conf ] || check 'nginx -t' nginx check_nginx
# varFuncNullUB: our NULL is a pointer, and the compilers check the sentinel.
# In json_number.c it does not see that the digits reach beyond the point.
check cppcheck cppcheck cppcheck -q -j "$(nproc)" --std=c11 -I. \
    -D_GNU_SOURCE --enable=warning,performance,portability --inline-suppr \
    --suppress=missingIncludeSystem \
    --suppress=varFuncNullUB \
    --suppress=pointerOutOfBoundsCond:core/json_number.c --error-exitcode=1 core init cgi-src
check clang-tidy clang-tidy tidy

if [ "$failed" != 0 ]; then
	echo "lint: $failed of the checks failed"
	exit 1
fi
echo 'lint: all is well'
