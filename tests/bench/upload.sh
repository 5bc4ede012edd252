#!/bin/bash
# upload.sh PORT ARCHIVE: send ARCHIVE to a server that is not set up yet; wait
# until its preview is there.
url=http://127.0.0.1:$1/api/system/restore
state=$(curl -sS --noproxy '*' -H 'Content-Type: application/octet-stream' \
    -H 'Expect:' -T "$2" -X POST "$url" | jq -r .state)
while [ "$state" = checking ]; do
	sleep 0.05
	state=$(curl -sS --noproxy '*' "$url" | jq -r .state)
done
echo "$state"
[ "$state" = ready ]
