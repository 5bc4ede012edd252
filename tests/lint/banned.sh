#!/bin/bash
# banned.sh [ROOT]: calls of functions that our code does not use, comments
# aside.  Prints file and line of each.
set -u
cd "${1:-$(dirname "$0")/../..}" || exit 1
names='strcpy|strcat|sprintf|vsprintf|gets|strtok|atoi|system|popen'
status=0
while read -r file; do
	# The compiler takes the comments away and keeps the lines.
	if ${CC:-gcc} -fpreprocessed -dD -E "$file" 2>/dev/null |
	    grep -nE "(^|[^A-Za-z0-9_\"])($names)[ \t]*\(" |
	    sed "s|^|$file (without comments):|" | grep .; then
		status=1
	fi
done < <(find core init cgi-src tests -name '*.[ch]' \
    -not -path '*/node_modules/*' 2>/dev/null | sort)
exit $status
