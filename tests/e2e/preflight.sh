#!/bin/bash
# Without these tests a full disk would be found out halfway, or a start would
# be refused that has room enough.
# shellcheck disable=SC2154 # from the library
cd "$(dirname "$0")/../.." || exit 1
if [ -z "${JAIR_TEST_MOUNTS:-}" ] && unshare -m mount -t tmpfs none /mnt \
    2> /dev/null; then
	# A mount table of our own vanishes with us.
	JAIR_TEST_MOUNTS=1 exec unshare -m bash tests/e2e/preflight.sh
fi
. tests/lib.sh
init=$PWD/$build/jair-init
fixtures=tests/fixtures/db
if [ -z "${JAIR_TEST_MOUNTS:-}" ]; then
	plan 1
	skip "small disks" "small file systems cannot be mounted here"
	exit 0
fi

# disk NAME KBYTES [FILE...]: a small disk $disk with copies of the files.
disk() {
	local kbytes=$2
	disk=$tap_dir/$1
	mkdir -p "$disk"
	mount -t tmpfs -o "size=${kbytes}k,mode=700" none "$disk" || exit 1
	disks+=("$disk")
	shift 2
	[ $# = 0 ] || cp "$@" "$disk"
}
disks=()
unmount() {
	local d
	for d in "${disks[@]}"; do
		umount "$d"
	done
	tap_cleanup
}
trap unmount EXIT
jair() {
	DATA_DIR=$dir "$init" "$@" > "$tap_dir/out" 2> "$tap_dir/err"
	rc=$?
	out=$(cat "$tap_dir/out")
	err=$(cat "$tap_dir/err")
}
sums() { (cd "$1" && sha256sum dev.db.b* backup_* 2> /dev/null); }
kbytes() { echo $(($(stat -c %s "$1") / 1024)); }

# What a house looks like where there is room.
mkdir "$tap_dir/house"
dir=$tap_dir/house
cp "$fixtures/v2.8.10-medium.db" "$dir/dev.db"
jair
is "a start with room enough" $rc 0
not_ok "it says nothing of space" grep -q 'too little space' "$tap_dir/out"
db=$dir/dev.db
archive=$dir/backup_latest.json
snapshot=$dir/dev.db.backup_startup
db_kb=$(kbytes "$db")

# ---- a start ----------------------------------------------------------------

disk start $((db_kb + 48)) "$db"
dir=$disk
jair
is "no room for a snapshot, nothing to change: status" $rc 0
like "no room for a snapshot: the warning" "$out" \
    "⚠️  Startup backup failed: There is too little space in $dir for a copy\
 of the database: [0-9.]+ [kM]B are needed, [0-9.]+ (kB|bytes) are free\. Make room"
like "no room for an archive: the warning" "$out" \
    "⚠️  JSON backup failed .*There is too little space in $dir for an archive"
like "no room: the database is as it was" "$(sqlite3 "$dir/dev.db" \
    'PRAGMA integrity_check')" ok

disk upgrade $((db_kb + 48))
dir=$disk
cp "$fixtures/v2.8.10-medium.db" "$dir/dev.db" ||
    cp "$fixtures/v2.8.10-small.db" "$dir/dev.db"
before=$(sha256sum "$dir/dev.db")
dd if=/dev/zero of="$dir/filler" bs=1k status=none 2> /dev/null
truncate -s -8192 "$dir/filler"
jair
is "no room for a snapshot, something to change: status" $rc 3
like "no room for a snapshot, something to change: message" "$out" \
    'startup backup failed \(There is too little space.*Nothing was changed'
is "no room for a snapshot: nothing is changed" \
    "$(sha256sum "$dir/dev.db")" "$before"
jair schema --apply
is "no room for schema --apply: status" $rc 2
like "no room for schema --apply: message" "$err" \
    "too little space in $dir for (changing the tables|building)"
is "no room for schema --apply: nothing is changed" \
    "$(sha256sum "$dir/dev.db")" "$before"

# ---- a recovery -------------------------------------------------------------

disk recovery $((db_kb + $(kbytes "$snapshot") + 96)) "$snapshot"
dir=$disk
printf 'This is no database.' > "$dir/dev.db"
before=$(sums "$dir")
jair
is "no room for a recovery: status" $rc 2
like "no room for a recovery: message" "$out$err" \
    "too little space in $dir for recovering the database"
is "no room for a recovery: nothing is changed" "$(sums "$dir")" "$before"
is "no room for a recovery: the damaged file is where it was" \
    "$(cat "$dir/dev.db")" "This is no database."
umount "$dir"
mount -t tmpfs -o size=64m,mode=700 none "$dir"
cp "$snapshot" "$dir"
printf 'This is no database.' > "$dir/dev.db"
jair
is "with room it is done: status" $rc 0
is "with room it is done" "$(sqlite3 "$dir/dev.db" 'PRAGMA integrity_check')" ok

# ---- commands ---------------------------------------------------------------

disk commands $((db_kb + $(kbytes "$archive") + $(kbytes "$snapshot") + 300)) \
    "$db" "$archive" "$snapshot"
dir=$disk
jair schema --plan # makes what a command leaves behind
dd if=/dev/zero of="$dir/filler" bs=1k status=none 2> /dev/null
truncate -s -32768 "$dir/filler"
touch "$dir/.jair.lock" "$dir/.jair.serving"
before=$(sums "$dir")
jair backup
is "no room for backup: status" $rc 2
like "no room for backup: message" "$err" "too little space in $dir for an arch"
jair verify backup_latest.json
is "no room for verify: status" $rc 2
like "no room for verify: message" "$err" 'for rehearsing a restore'
for source in backup_latest.json dev.db.backup_startup; do
	jair restore --yes $source
	is "no room for a restore of $source: status" $rc 2
	like "no room for a restore of $source: message" "$err" \
	    "too little space in $dir for a restore"
done
jair verify dev.db.backup_startup
is "what writes nothing needs no room" $rc 0
is "no room: every backup is as it was" "$(sums "$dir")" "$before"
is "no room: the database is whole, and the failure is recorded" "$(sqlite3 \
    "$dir/dev.db" 'PRAGMA integrity_check; SELECT error LIKE "%too little%"
    FROM BackupRun ORDER BY id DESC LIMIT 1')" 'ok
1'
rm "$dir/filler"

# ---- other disks ------------------------------------------------------------

disk temp 16
dir=$tap_dir/house
dd if=/dev/zero of="$disk/filler" bs=1k status=none 2> /dev/null
before=$(sha256sum "$db")
export SQLITE_TMPDIR=$disk
jair restore --yes backup_latest.json
is "no room for temporary files: status" $rc 2
like "no room for temporary files: message" "$err" \
    "too little space in $disk for a restore.* SQLITE_TMPDIR"
is "no room for temporary files: nothing is changed" \
    "$(sha256sum "$db")" "$before"
unset SQLITE_TMPDIR

disk elsewhere $((db_kb + 64)) "$db"
before=$(sha256sum "$disk/dev.db")
DATABASE_URL=file:$disk/dev.db jair restore --yes dev.db.backup_startup
is "no room beside a database elsewhere: status" $rc 2
like "no room beside a database elsewhere: message" "$err" \
    "too little space in $disk for a restore"
is "no room beside a database elsewhere: nothing is changed" \
    "$(sha256sum "$disk/dev.db")" "$before"
DATABASE_URL=file:$disk/dev.db jair
is "a start with the database on a full disk and backups elsewhere" $rc 0
not_ok "it says nothing of space" grep -q 'too little space' "$tap_dir/out"

# ---- no temporary place but the data folder ---------------------------------

mkdir -p "$tap_dir/bare/ro"
cp "$db" "$archive" "$init" "$tap_dir/bare"
# shellcheck disable=SC2016 # expanded by the inner shell
env -u TMPDIR -u SQLITE_TMPDIR DATA_DIR=/mnt unshare -m sh -c '
    mount --bind "$1" /mnt || exit 9
    for d in /var/tmp /usr/tmp /tmp /mnt/ro; do
	[ ! -d $d ] || mount -t tmpfs -o ro none $d || exit 9
    done
    cd /mnt/ro && exec /mnt/jair-init restore --yes --replace \
    backup_latest.json' sh "$tap_dir/bare" > "$tap_dir/out" 2> "$tap_dir/err"
is "no other place to write in: a restore works" "$?$(cat "$tap_dir/err")" 0
ok "no other place to write in: its temporary files are gone" \
    test "$(find "$tap_dir/bare" -name 'etilqs*' | wc -l)" = 0

done_testing
