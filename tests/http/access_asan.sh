#!/bin/bash
# Without this an error in memory could hide behind right refusals: the same
# tests against the server that was built with the sanitizers.
cd "$(dirname "$0")/../.." || exit 1
if [ ! -x build/asan/jair-api ]; then
	echo "1..0 # SKIP build/asan/jair-api is not built"
	exit 0
fi
JAIR_BUILD=build/asan exec bash tests/http/access.sh
