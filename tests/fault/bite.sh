#!/bin/bash
# bite.sh [all]: leave out one guard of core/guard.h at a time and see that
# the test fails that bite.txt names; without "all", those that begin with "*"
# there.  Without this an fsync or a check could go and no test would see it.
set -u
cd "$(dirname "$0")/../.." || exit 1
export JAIR_BUILD=${JAIR_BITE_BUILD:-build/bite}
unset JAIR_BITE DATA_DIR DATABASE_URL
which=${1:-quick}
[ "${JAIR_FAULT:-quick}" != full ] || which=all
rows=tests/fault/bite.txt
tried=0
bad=0
work=$(mktemp -d "${TMPDIR:-/tmp}/jair-bite.XXXXXX") || exit 1
# A test that gives up root's rights must still reach its own folder.
chmod 711 "$work"
export TMPDIR=$work
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM

# try KIND NAME: run that test; its status.  A sweep's points lie so dense
# that they meet what is missing.
try() {
	case $1 in
	unit) "$JAIR_BUILD/unit/$2" ;;
	e2e) bash "tests/e2e/$2.sh" ;;
	rot) "$JAIR_BUILD/fault/sweep" "$1" "$2" ;;
	*) "$JAIR_BUILD/fault/sweep" every=3 "$1" "$2" ;;
	esac >"$work/log" 2>&1 </dev/null
}

# Why it failed, in short.
why() {
	grep -m 1 -E '^# [a-z-]+ [a-z-]+ at |^not ok|FAILED|Bail out' \
	    "$work/log" | cut -c 1-60
}

# whole KIND NAME: the same test passes when nothing is left out.
declare -A passes
whole() {
	local key="$1 $2"
	if [ -z "${passes[$key]:-}" ]; then
		try "$1" "$2" && passes[$key]=yes || passes[$key]=no
	fi
	[ "${passes[$key]}" = yes ]
}

while read -r guard; do
	grep -q "^\*\?$guard " "$rows" && continue
	tried=$((tried + 1))
	bad=$((bad + 1))
	echo "not ok $tried - $guard has no row in $rows"
done < <(grep -rho 'GUARD([a-z_]*' core init cgi-src --include='*.c' |
    sed 's/GUARD(//' | sort -u)

while IFS='|' read -r guard what test; do
	case $guard in
	'#'* | '') continue ;;
	'*'*) guard=${guard#\*} ;;
	*) [ "$which" = all ] || continue ;;
	esac
	guard=${guard%% *}
	what=${what# }
	read -r kind name <<<"$test"
	tried=$((tried + 1))
	ok='not ok'
	if ! whole "$kind" "$name"; then
		result="fails without a bite too: $(why)"
	elif JAIR_BITE=$guard try "$kind" "$name"; then
		result='it passes'
	else
		ok=ok
		result=$(why)
	fi
	[ "$ok" = ok ] || bad=$((bad + 1))
	printf '%s %d - %-21s | %s | %-28s | %s\n' "$ok" "$tried" "$guard" \
	    "$what" "$kind $name" "${result/#\# /}"
done <"$rows"
echo "1..$tried"
echo "# $tried guards left out, $bad not noticed"
[ "$bad" = 0 ]
