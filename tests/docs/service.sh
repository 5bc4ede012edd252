#!/bin/bash
# Without this test an owner could type what our pages say, where systemd runs
# jair, and see something else.
cd "$(dirname "$0")/../.." || exit 1
. tests/lib.sh
. tests/docs/lib/run.sh
. tests/docs/lib/service.sh
docs_commands service
done_testing
