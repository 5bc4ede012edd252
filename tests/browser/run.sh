#!/bin/bash
# Without these tests a page could claim health it does not see, shut out
# keyboards and screen readers, or break on a phone.
# Debian's Chromium; the status page with real nginx and real workers, the
# others with a server that says what a test wants.  Pictures in build/screens.
# shellcheck disable=SC2154,SC2317 # from the libraries; called by wait_for
cd "$(dirname "$0")/../.." || exit 1
. tests/lib.sh
. tests/lib-http.sh

chromium=$(command -v chromium) || {
	echo "1..0 # SKIP chromium is not installed"
	exit 0
}
npm_ready tests/browser playwright-core

mkdir -p build/screens
make_data
start_api || exit 1
start_nginx || exit 1
export JAIR_CHROMIUM=$chromium HOME=$tap_dir
status=0
node tests/browser/words.mjs || status=1
node tests/browser/wizard.mjs || status=1
node tests/browser/faults.mjs || status=1
node tests/browser/pages.mjs || status=1
JAIR_URL=http://127.0.0.1:$port JAIR_DATA=$data JAIR_API_PID=$api_pid \
    JAIR_NGINX_PID=$nginx_pid node tests/browser/status.mjs || status=1
exit $status
