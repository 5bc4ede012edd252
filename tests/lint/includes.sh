#!/bin/bash
# includes.sh [ROOT]: check who includes whom (layers.txt), the include guards,
# and that each header compiles alone.  Prints what is wrong, a line each.
set -u
here=$(cd "$(dirname "$0")" && pwd)
cd "${1:-$here/../..}" || exit 1
table=$here/layers.txt
wrong=0

complain() {
	echo "$*"
	wrong=$((wrong + 1))
}

layers=()
libraries=()
while read -r a b c; do
	case $a in
	'' | '#'*) ;;
	library) libraries+=("$b $c") ;;
	*) layers+=("$a $b $c") ;;
	esac
done <"$table"

# fits NAME PATTERN|PATTERN...
fits() {
	local pattern patterns
	IFS='|' read -ra patterns <<<"$2"
	for pattern in "${patterns[@]}"; do
		# shellcheck disable=SC2053 # a pattern it shall be
		[[ $1 == $pattern ]] && return 0
	done
	return 1
}

# find_layer NAME: put its layer and what that may include into ${layer} and
# ${allowed}; a name is looked up once.
declare -A known
find_layer() {
	local row name patterns rest
	if [ -z "${known[$1]:-}" ]; then
		for row in "${layers[@]}"; do
			read -r name patterns rest <<<"$row"
			if fits "$1" "$patterns"; then
				known[$1]="$name $rest"
				break
			fi
		done
	fi
	layer=${known[$1]:-}
	allowed=${layer#* }
	layer=${layer%% *}
}

check_own() { # FILE NAME HEADER
	local layer allowed target
	find_layer "${3%.h}"
	target=$layer
	find_layer "$2"
	if [ -z "$layer" ] || [ -z "$target" ]; then
		complain "$1: \"$3\" lies in no layer of layers.txt"
	elif [[ " $allowed " != *" $target "* ]]; then
		complain "$1 ($layer) may not include \"$3\" ($target)"
	fi
}

check_library() { # FILE NAME HEADER
	local row pattern files
	for row in "${libraries[@]}"; do
		read -r pattern files <<<"$row"
		# shellcheck disable=SC2053
		[[ $3 == $pattern ]] || continue
		fits "$2" "$files" || complain "$1 may not include <$3>"
		return
	done
}

files=$(find core init cgi-src tests -name '*.[ch]' \
    -not -path '*/node_modules/*' 2>/dev/null | sort)
for file in $files; do
	name=${file%.[ch]}
	while read -r form header; do
		case $header in
		schema_sql.h) ;;	# generated
		*)
			if [ "$form" = '"' ]; then
				check_own "$file" "$name" "$header"
			else
				check_library "$file" "$name" "$header"
			fi ;;
		esac
	done < <(sed -nE \
	    's/^[ \t]*#[ \t]*include[ \t]*(["<])([^">]*)[">].*/\1 \2/p' "$file")
done

for header in $files; do
	[[ $header == *.h ]] || continue
	guard=$(tr 'a-z/.-' 'A-Z___' <<<"$header")
	if ! grep -qx "#ifndef $guard" "$header" ||
	    ! grep -qx "#define $guard" "$header"; then
		complain "$header: its include guard is not $guard"
	fi
	# shellcheck disable=SC2086 # a list of flags
	if ! out=$(printf '#include "%s"\n' "$header" |
	    ${CC:-gcc} -std=c11 -D_GNU_SOURCE -I. ${LINT_CPPFLAGS:-} -Wall \
	    -Wextra -Werror -fsyntax-only -x c - 2>&1); then
		complain "$header does not compile alone:"
		head -n 5 <<<"$out"
	fi
done

[ "$wrong" = 0 ]
