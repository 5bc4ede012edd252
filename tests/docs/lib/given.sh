# given.sh: what has happened before a block of a page, by the word that stands
# in its first line.  Each is brought about with the means of the world.
# shellcheck shell=bash disable=SC2154,SC2317 # from the world; called by name

# sql TEXT: on the household's database, behind jair's back.
given_sql() {
	world_sh "sqlite3 -cmd '.timeout 20000' $world_inside/dev.db \"$1\""
}

# given_files FOLDER: these files, and no others, are the data folder.
given_files() {
	world_stop
	world_ready && mkdir -p "$world_data" &&
	find "$world_data" -mindepth 1 -delete && cp -a "$1/." "$world_data" &&
	world_own
}

# The original's data folder: a household of three.
given_original() {
	[ -d "$tap_dir/original" ] ||
		given_original_at "$tap_dir/original" || return
	given_files "$tap_dir/original"
}
given_original_at() {
	mkdir -p "$1" &&
	sqlite3 tests/fixtures/db/v2.8.10-small.db ".backup $1/dev.db" &&
	sqlite3 "$1/dev.db" "
	    UPDATE User SET username = 'anna' WHERE username = 'jesse';
	    UPDATE User SET username = 'ben' WHERE username = 'Mäkinen Åsa';
	    UPDATE User SET username = 'clara' WHERE username NOT IN
		('anna', 'ben');"
}

# They have been with jair for a while, which is not running now.
given_stopped() {
	[ -d "$tap_dir/household" ] || given_past || return
	given_files "$tap_dir/household"
}
given_household() {
	given_stopped && world_start
}
# Two starts, of which the first is long ago.
given_past() {
	local past=$tap_dir/household
	given_original_at "$past" &&
	DATA_DIR=$past "$build/jair-init" && DATA_DIR=$past "$build/jair-init" &&
	rm -f "$past"/dev.db.pre-upgrade_* "$past"/backup_2* \
	    "$past/.jair.archives"
}

# Someone has lost what was on their lists.
given_emptied_list() {
	given_sql "DELETE FROM UserMedia WHERE userId =
	    (SELECT id FROM User WHERE username = 'clara')"
}

# The disk has lost pages of the database, while jair is stopped.
given_damaged() {
	dd if=/dev/zero of="$world_data/dev.db" bs=4096 seek=1 count=9 \
	    conv=notrunc
}

# The table of the settings is empty.
given_no_settings() {
	given_sql 'DELETE FROM SystemConfig'
}

# The data folder is gone, but for one archive elsewhere.
given_archive_elsewhere() {
	world_stop && cp "$world_data/backup_latest.json" "$tap_dir/" &&
	find "$world_data" -mindepth 1 -delete &&
	cp "$tap_dir/backup_latest.json" "$world_home/"
}

# A checkout whose origin has moved on.
given_checkout() {
	local git="git -C $tree -c user.name=jair -c user.email=jair@localhost"
	rm -rf "$tree/.git" "$tap_dir/origin" &&
	git init -q --bare -b main "$tap_dir/origin" &&
	git init -q -b main "$tree" && $git remote add origin "$tap_dir/origin" &&
	printf '%s\n' /build/ /data/ >"$tree/.git/info/exclude" &&
	$git add . && $git commit -q -m now &&
	echo '# The next version.' >>"$tree/conf/jair.env.example" &&
	$git commit -q -a -m next && $git push -q -u origin main &&
	$git reset -q --hard HEAD~
}

# A version to come needs other tables than this one's database has.
given_older_tables() {
	given_household &&
	given_sql 'ALTER TABLE User DROP COLUMN tvProfileAt;
	    PRAGMA user_version = 0'
}

# A download that was cut off.
given_cut_archive() {
	head -c 20000 "$world_data/backup_latest.json" >"$world_home/cut.json"
}

# Someone looks at the database with another program, until the test ends.
given_locked() {
	mkfifo "$tap_dir/typed" &&
	{ sqlite3 "$world_data/dev.db" <"$tap_dir/typed" & } &&
	started $! && exec 7>"$tap_dir/typed" &&
	printf '%s\n' 'BEGIN EXCLUSIVE;' ".shell touch $tap_dir/locked" >&7 &&
	wait_for 10 test -e "$tap_dir/locked"
}

# jair has just been put there.
given_installed() { world_start; }

# The original's folder, beside jair's.
given_original_elsewhere() {
	given_original_at "$world_home/original/data"
}

# The database alone is gone.
given_no_database() {
	world_stop && rm -f "$world_data"/dev.db*
}

# nginx does not serve it yet.
given_no_site() {
	world_sh 'rm /etc/nginx/sites-enabled/jair && systemctl reload nginx'
}
