#!/bin/bash
# Without this test what Lighthouse knows and axe does not could slip in.
cd "$(dirname "$0")/../.." || exit 1
. tests/lib.sh

JAIR_CHROMIUM=$(command -v chromium) || {
	echo "1..0 # SKIP chromium is not installed"
	exit 0
}
npm_ready tests/browser playwright-core
npm_ready tests/browser/lighthouse lighthouse
export JAIR_CHROMIUM HOME=$tap_dir
node tests/browser/lighthouse.mjs
