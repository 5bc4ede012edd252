# lib-containers.sh: the life of a household in docker-compose.prod.yml, told
# once for a real engine and for plain processes.  Source it after tests/lib.sh
# and tests/lib-http.sh.  An engine brings these functions; $home is the folder
# with the compose file, in which ./data is $data:
#	up		as `docker compose up -d`; what it says goes to $up_log
#	down		as `docker compose down`
#	use TAG		which images the next `up` takes: first or next
#	begins NAME	whether the container runs; its process is in $main_pid
#	exit_of NAME	how the container ended
#	log_of NAME	what it has said
#	inside NAME CMD	as `docker exec`
#	alone		start api without init, until it gives up, with
#			$ended_status
#	revived NAME	wait for it to be there again after a crash
#	beside_api CMD	run CMD where 127.0.0.1 is that of api
#	owner_makes	make ./data as the owner of the house does
# shellcheck shell=bash disable=SC2154,SC2034,SC2086

home=$tap_dir/house
data=$home/data
up_log=$tap_dir/up.log
old=tests/fixtures
mock_port=18096
# The people of the fixtures, as their Jellyfin knows them.
people='{"users":[
{"name":"jesse","password":"a","id":"11111111111111111111111111111111","admin":true},
{"name":"Mäkinen Åsa","password":"b","id":"22222222222222222222222222222222"},
{"name":"o'\''brien \"bob\"","password":"c","id":"33333333333333333333333333333333"}]}'
mock_pid=

# make_house: what an owner has: a folder with the compose file.
make_house() {
	mkdir -p "$home"
	chmod 755 "$tap_dir" "$home"
	cp docker-compose.prod.yml "$home/"
}

# jellyfin: the household's Jellyfin, where api's network finds it.
jellyfin() {
	if [ -n "$mock_pid" ]; then
		kill "$mock_pid" 2>/dev/null
		wait "$mock_pid" 2>/dev/null
	fi
	rm -f "$tap_dir/jellyfin.port"
	begins api || return 1
	beside_api node tests/mock/jellyfin.mjs --port $mock_port \
	    --state "$people" >"$tap_dir/jellyfin.port" 2>&1 &
	mock_pid=$!
	started "$mock_pid"
	wait_for 20 test -s "$tap_dir/jellyfin.port"
}

is_ready() {
	get /api/ready
	[ "$status" = 200 ]
}
ready() {
	wait_for 60 is_ready 2>/dev/null
}

# digest: of all that the household has, by an archive that is made for it.
digest() {
	inside api jair-init backup >"$tap_dir/backup.log" 2>&1 || {
		cat "$tap_dir/backup.log" >&2
		return 1
	}
	jq -r '.integrity.content_sha256' "$data/backup_latest.json"
}

# setup_code: from the link in the log of init, as its owner finds it.
setup_code() {
	log_of init | sed -n 's/.*#code=\([0-9a-f]*\).*/\1/p' | tail -n 1
}

# wizard FILE: the setup with a backup, over HTTP, from another machine.
wizard() {
	local code
	code=$(setup_code)
	get /api/system/restore -X POST -H "$octets" --data-binary "@$1" \
	    -H "X-Setup-Code: $code"
	is 'wizard: the backup is taken' "$status" 202
	ok 'wizard: and checked' wait_for 30 checked -H "X-Setup-Code: $code"
	is 'wizard: everyone is in it' \
	    "$(field state) $(jq '.preview.users | length' "$tap_dir/body")" \
	    'ready 3'
	# The keys of the backup stay what they are.
	post /api/system/setup "{\"jellyfinUrl\":\"http://127.0.0.1:$mock_port\",
	    \"jellyseerrUrl\":$(jq '.preview.config.jellyseerrUrl' "$tap_dir/body"),
	    \"jellyseerrApiKey\":$(jq '.preview.config.jellyseerrApiKey' "$tap_dir/body"),
	    \"geminiApiKey\":$(jq '.preview.config.geminiApiKey' "$tap_dir/body"),
	    \"geminiModel\":$(jq '.preview.config.geminiModel' "$tap_dir/body"),
	    \"restore\":true}" -H "X-Setup-Code: $code"
	is 'wizard: saved' "$status $(field success)" '200 true'
}

claim_ended() {
	get "/api/jobs/$1" -b "$tap_dir/cookie"
	case $(field state) in done | failed) return 0 ;; esac
	return 1
}
# login NAME PASSWORD: as jq would write both; what waits is claimed.
login() {
	local job
	patient post /api/auth/login "{\"username\":$1,\"password\":$2}" \
	    -c "$tap_dir/cookie"
	[ "$status" = 200 ] || return 1
	job=$(field 'restore.jobId // empty')
	[ -z "$job" ] || { wait_for 60 claim_ended "$job" &&
		[ "$(field state)" = "done" ]; }
}
everyone_logs_in() {
	local i
	for i in 0 1 2; do
		ok "login $((i + 1)) of 3" login \
		    "$(jq ".users[$i].name" <<<"$people")" \
		    "$(jq ".users[$i].password" <<<"$people")"
	done
}

# ---- what happens in the house ----------------------------------------------

# A folder that the engine has made belongs to root.
test_foreign_folder() {
	local line
	if [ "$(id -u)" != 0 ]; then
		skip "somebody else's folder" 'only root can try it'
		owner_makes
		return
	fi
	not_ok 'an empty house: ./data is made by root, so it does not start' up
	is 'init ends with status 2' "$(exit_of init)" 2
	line=$(log_of init | tail -n 1)
	like 'and says in one line what to do' "$line" \
	    "/data belongs to user 0.*sudo chown -R 1000:1000 ./data"
	not_ok 'api does not start' begins api
	line=${line##*sudo }
	ok 'what it says is done' env -C "$home" ${line%)*}
}

test_fresh_start() {
	ok 'up' up
	is 'init has ended well' "$(exit_of init)" 0
	ok 'api runs' begins api
	ok 'nginx runs' begins nginx
	ok 'it answers' ready
	get /
	is 'a page' "$status" 200
	like 'the boot tells of the setup' "$(log_of init)" '#code=[0-9a-f]{32}'
	get /api/system/setup-defaults
	is 'which needs its code, whoever asks' "$status $(field code)" \
	    '403 setup_code_required'
	get /api/system/setup-defaults -H "X-Setup-Code: $(setup_code)"
	is 'and opens with it' "$status" 200
}

test_household() {
	ok 'a Jellyfin' jellyfin
	wizard $old/archives/v2.8.10-small.json
	everyone_logs_in
	household=$(digest)
	like 'an archive beside the running server' "$household" '^[0-9a-f]{64}$'
	is 'holds everyone' "$(jq '.users | length' "$data/backup_latest.json")" 3
}

test_up_again() {
	local before
	begins api && before=$main_pid
	ok 'up beside the running server' up
	is 'init ran again' "$(log_of init | grep -c 'Initialization complete')" 2
	begins api
	is 'the server went on' "$main_pid" "$before"
	ok 'it answers' ready
	is 'nothing has changed' "$(digest)" "$household"
}

test_crashes() {
	local master worker
	begins api && master=$main_pid
	worker=$(workers_of "$master" | head -n 1)
	kill -KILL "$worker"
	ok 'a killed worker has a successor' wait_for 20 four_workers "$worker"
	begins api
	is 'under the same master' "$main_pid" "$master"
	ok 'it answers' ready
	kill -KILL "$master"
	ok 'a killed server is started again' revived api
	ok 'and answers through nginx' ready
	begins nginx && kill -KILL "$main_pid"
	ok 'a killed web server too' revived nginx
	ok 'it answers' ready
	is 'nothing is lost' "$(digest)" "$household"
}
four_workers() {
	begins api || return 1
	[ "$(workers_of "$main_pid" | grep -cv "^$1$")" = 4 ]
}

test_stop_and_start() {
	ok 'down' down
	ok 'nothing is left half-written' \
	    test -z "$(find "$data" -name '.jair-tmp-*' -o -name '*-journal' -size +0)"
	ok 'up' up
	ok 'it answers' ready
	is 'nothing is lost' "$(digest)" "$household"
	is 'and nobody has to log in again' "$(get /api/auth/me -b \
	    "$tap_dir/cookie"; echo "$status")" 200
}

test_not_synced() {
	ok 'down' down
	sqlite3 "$data/dev.db" 'PRAGMA user_version = 0'
	alone
	is 'tables that are not synced: api ends' "$ended_status" 3
	like 'and names what helps' "$(log_of api)" \
	    'not up to date.*docker compose up -d'
	# Once more, when api still waits for the engine's next try.
	ok 'that helps' wait_for 120 up
	ok 'it answers' ready
}

test_upgrade() {
	use next
	ok 'up with the next version' up
	like 'init changes the tables' "$(log_of init)" '· create table "JairNext"'
	like 'after it has kept them' "$(ls "$data")" 'dev\.db\.pre-upgrade_'
	ok 'it answers' ready
	is 'nothing is lost' "$(digest)" "$household"
}

test_rollback() {
	local before saved
	down
	before=$(sha256sum <"$data/dev.db")
	use first
	not_ok 'the former version does not start with the newer tables' up
	is 'init ends with status 3' "$(exit_of init)" 3
	like 'and says why' "$(log_of init)" 'written by a newer jair'
	is 'the database is untouched' "$(sha256sum <"$data/dev.db")" "$before"
	down
	# As the guide says: what was kept before the upgrade is copied back.
	saved=$(find "$data" -name 'dev.db.pre-upgrade_*' | sort | tail -n 1)
	cp -p "$saved" "$data/dev.db"
	ok 'with what was kept before the upgrade it does' up
	ok 'it answers' ready
	is 'nothing is lost' "$(digest)" "$household"
}

test_total_loss() {
	cp "$data/backup_latest.json" "$tap_dir/elsewhere.json"
	down
	rm -rf "${data:?}"
	owner_makes
	ok 'everything is lost; up on an empty folder' up
	ok 'it answers' ready
	ok 'a Jellyfin' jellyfin
	wizard "$tap_dir/elsewhere.json"
	everyone_logs_in
	is 'drill: everything is back, by its digest' "$(digest)" "$household"
	install -m 644 "$tap_dir/elsewhere.json" "$data"
	is 'and in the words of diff' "$(inside api jair-init diff --json \
	    elsewhere.json dev.db | jq .equal)" true
}

test_original() {
	down
	rm -rf "${data:?}"
	owner_makes
	cp $old/db/v2.8.10-small.db "$data/dev.db"
	cp $old/archives/v2.8.10-small.json "$data/backup_latest.json"
	chown -R --reference="$data" "$data"
	ok "the original's folder: up" up
	ok 'it answers' ready
	get /api/system/status
	is 'it is set up' "$(field configured)" true
	is 'drill: every row of it is there' "$(rows "$data/dev.db")" \
	    "$(rows $old/db/v2.8.10-small.db)"
	digest >/dev/null
	is 'drill: everyone is in the archive' "$(names "$data/backup_latest.json")" \
	    "$(names $old/archives/v2.8.10-small.json)"
}
names() {
	jq -c '[.users[].username] | sort' "$1"
}
# rows DATABASE: what the original's tables hold, in the original's columns.
rows() {
	local table columns
	for table in $(tables); do
		columns=$(sqlite3 $old/db/v2.8.10-small.db "SELECT
		    group_concat('\"' || name || '\"') FROM
		    pragma_table_info('$table')")
		echo "$table"
		sqlite3 "file:$1?mode=ro" "SELECT $columns FROM \"$table\"
		    ORDER BY 1"
	done
}
tables() {
	sqlite3 $old/db/v2.8.10-small.db "SELECT name FROM sqlite_master
	    WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
}

household_goes_on() {
	test_household
	test_up_again
	test_crashes
	test_stop_and_start
	test_not_synced
	test_upgrade
	test_rollback
	test_total_loss
	test_original
}

# make_next FOLDER: both programs of a version whose tables have changed, in
# FOLDER/build/release.
make_next() {
	mkdir -p "$1/build"
	cp -a Makefile core init cgi-src "$1"
	cp -a "$build" "$1/build/release"
	cat >>"$1/core/schema.sql" <<-'END'

		CREATE TABLE "JairNext" (
			"id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
			"note" TEXT
		);
	END
	sed -i 's/SCHEMA_VERSION 1$/SCHEMA_VERSION 2/' "$1/core/schema.h"
	sed -i -e 's/SCHEMA_VERSION == 1/SCHEMA_VERSION == 2/' \
	    -e 's/user_version = 1"/user_version = 2"/' "$1/core/schema.c"
	make -s --no-print-directory -C "$1" VARIANT=release -j"$(nproc)" all \
	    >"$tap_dir/next.log" 2>&1 || { cat "$tap_dir/next.log"; return 1; }
}
