#!/bin/bash
# Without this an error in memory could hide behind right refusals: hostile
# requests and files against the programs that were built with the sanitizers.
cd "$(dirname "$0")/../.." || exit 1
if [ ! -x build/asan/jair-api ]; then
	echo "1..0 # SKIP build/asan/jair-api is not built"
	exit 0
fi
JAIR_BUILD=build/asan exec bash tests/http/security.sh
