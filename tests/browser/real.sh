#!/bin/bash
# Without these tests the pages and the server could each be right and not
# work together: people in Debian's Chromium, with real nginx, real workers and
# a real database; only Jellyfin, Seerr and Gemini are mocks.  Pictures in
# build/screens.  JAIR_LARGE_MIB: size of the large upload.
# real.sh [STORY...]: only these (tests/browser/real-STORY.mjs).
cd "$(dirname "$0")/../.." || exit 1
. tests/lib.sh

JAIR_CHROMIUM=$(command -v chromium) || {
	echo "1..0 # SKIP chromium is not installed"
	exit 0
}
npm_ready tests/browser playwright-core

export JAIR_CHROMIUM HOME=$tap_dir TMPDIR=$tap_dir
status=0
[ $# != 0 ] || set -- fresh restore left people settings large
for story; do
	node "tests/browser/real-$story.mjs" || status=1
done
exit $status
