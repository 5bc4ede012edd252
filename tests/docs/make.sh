#!/bin/bash
# Without this test an owner could type what our pages say, with `make run`, and
# see something else.
cd "$(dirname "$0")/../.." || exit 1
. tests/lib.sh
. tests/docs/lib/run.sh
. tests/docs/lib/make.sh
docs_commands make
done_testing
