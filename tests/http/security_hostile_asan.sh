#!/bin/bash
# Without this a hostile database could go on unseen in memory: the broken
# files against the programs that were built with the sanitizers.
cd "$(dirname "$0")/../.." || exit 1
if [ ! -x build/asan/jair-api ]; then
	echo "1..0 # SKIP build/asan/jair-api is not built"
	exit 0
fi
JAIR_BUILD=build/asan exec bash tests/http/security_hostile.sh
