#!/bin/bash
# Without these tests a full, foreign, read-only or suddenly dead disk, a
# clock that goes back, or somebody who writes meanwhile could cost a backup.
# shellcheck disable=SC2154,SC2016,SC2015,SC2034 # from the library; for eval; || only counts; used in eval
cd "$(dirname "$0")/../.." || exit 1
. tests/lib.sh
init=$PWD/$build/jair-init
shim=$PWD/$build/fault/shim.so
full=
[ "${JAIR_FAULT:-quick}" != full ] || full=1
mounted=()
# shellcheck disable=SC2317 # called by trap
leave() {
	local m
	for m in "${mounted[@]}"; do umount "$m" 2>/dev/null; done
	tap_cleanup
}
trap leave EXIT

jair() { DATA_DIR=$dir "$init" "$@" >"$tap_dir/log" 2>&1; }
rows() { sqlite3 "$dir/dev.db" 'SELECT count(*) FROM UserMedia'; }
# A data folder that was started twice.
served() {
	mkdir -p "$dir"
	cp tests/fixtures/db/v2.0.3-small.db "$dir/dev.db"
	jair
	jair
}
# sums: of every backup there is.
sums() { (cd "$dir" && sha256sum backup_2* dev.db.* 2>/dev/null); }
# kept SUMS: all of these are still there.
kept() { (cd "$dir" && sha256sum --quiet -c - <<<"$1" >/dev/null 2>&1); }
# whole: what bears a final name verifies, and a start finds all rows.
whole() {
	local f
	for f in "$dir"/backup_*.json "$dir"/dev.db.*; do
		case $f in *.jair-tmp-* | *-journal) continue ;; esac
		[ -e "$f" ] || continue
		jair verify "$f" || { diag "$f: $(cat "$tap_dir/log")"; return 1; }
	done
}
starts() {
	jair && [ "$(rows)" = 71 ] || { diag "$(cat "$tap_dir/log")"; return 1; }
}

# ---- disks of every size ----------------------------------------------------
sizes() {
	local size tried=0 lost=0 before
	dir=$tap_dir/full
	served
	sqlite3 "$dir/dev.db" "UPDATE Media SET overview = hex(zeroblob(500))"
	mv "$dir" "$tap_dir/origin"
	mkdir "$dir"
	for size in $(seq 650 "${1:-70}" 1700); do
		mount -t tmpfs -o "size=${size}k" none "$dir" || return 1
		mounted+=("$dir")
		cp -p "$tap_dir/origin"/* "$dir" 2>/dev/null &&
			cp -p "$tap_dir/origin"/.jair* "$dir"
		if cmp -s "$dir/dev.db" "$tap_dir/origin/dev.db" &&
		    [ -e "$dir/.jair.boot" ]; then
			tried=$((tried + 1))
			before=$(sums)
			jair
			# To verify an archive takes room as well.
			[ $? -le 5 ] && kept "$(grep -v startup <<<"$before")" &&
				mount -o remount,size=8m "$dir" && whole &&
				starts || lost=$((lost + 1))
		fi
		umount "$dir"
		mounted=()
	done
	diag "tmpfs sizes: $tried points tried, $lost lost"
	[ "$tried" -gt 3 ] && [ "$lost" = 0 ]
}
if mkdir -p "$tap_dir/m" && mount -t tmpfs none "$tap_dir/m" 2>/dev/null; then
	umount "$tap_dir/m"
	ok 'a full disk, at every size' sizes ${full:+8}
	dir=$tap_dir/empty
	mkdir -p "$dir"
	mount -t tmpfs -o size=4k none "$dir" && mounted+=("$dir")
	jair
	rc=$?
	ok 'a new house on a disk without room ends well' test $rc -gt 0 -a $rc -le 5
	like 'and says why' "$(cat "$tap_dir/log")" 'too little space|No space left|full'
	umount "$dir"
	mounted=()
else
	skip 'a full disk' 'this machine lets nobody mount (not root?)'
fi

# ---- whose disk --------------------------------------------------------------
if [ "$(id -u)" = 0 ]; then
	dir=$tap_dir/foreign
	served
	before=$(cd "$dir" && sha256sum dev.db* backup*)
	chmod 755 "$tap_dir" "$dir"
	chmod 644 "$dir"/*
	as() { setpriv --reuid=65534 --regid=65534 --clear-groups "$@"; }
	copy=$tap_dir/jair-init
	cp "$init" "$copy"
	chmod 755 "$copy"
	DATA_DIR=$dir as "$copy" >"$tap_dir/log" 2>&1
	is "somebody else's folder: status" $? 2
	like "somebody else's folder: message" "$(cat "$tap_dir/log")" "$dir"
	is "somebody else's folder: untouched" \
	    "$(cd "$dir" && sha256sum dev.db* backup*)" "$before"
	rm -f "$dir"/.jair*
	chown 65534 "$dir"
	DATA_DIR=$dir as "$copy" >"$tap_dir/log" 2>&1
	is "somebody else's database in our folder: status" $? 2
	like "somebody else's database in our folder: what to do" \
	    "$(cat "$tap_dir/log")" \
	    "dev.db belongs to user 0.*chown -R 65534:65534 $dir "
	is "somebody else's database in our folder: untouched" \
	    "$(cd "$dir" && sha256sum dev.db* backup*)" "$before"
	rm -f "$dir"/.jair*
	chown 0 "$dir"
	if mount -o bind "$dir" "$dir" 2>/dev/null &&
	    mounted+=("$dir") && mount -o remount,ro,bind "$dir"; then
		jair
		is 'a read-only folder: status' $? 2
		like 'a read-only folder: message' "$(cat "$tap_dir/log")" \
		    "$dir.*[Rr]ead-only"
	else
		skip 'a read-only folder' 'no bind mounts here'
	fi
	umount "$dir" 2>/dev/null
	mounted=()
else
	skip "somebody else's folder" 'only root can try to be someone else'
fi

# ---- two file systems --------------------------------------------------------
if [ -w /dev/shm ] &&
    [ "$(stat -c %d /dev/shm)" != "$(stat -c %d "$tap_dir")" ]; then
	dir=$tap_dir/two
	served
	far=$(mktemp -d /dev/shm/jair-far.XXXXXX)
	mv "$dir/dev.db" "$far"
	at_two() { DATABASE_URL=file:$far/dev.db TMPDIR=$far jair "$@"; }
	ok 'the database on another file system: start' at_two
	dd if=/dev/urandom of="$far/dev.db" bs=4096 seek=3 count=9 \
	    conv=notrunc 2>/dev/null
	broken=$(sha256sum <"$far/dev.db")
	ok '... damaged: a snapshot is restored' \
	    at_two restore dev.db.backup_startup --yes
	ok '... what was damaged is kept' eval \
	    'sha256sum "$dir"/quarantine/*/dev.db | grep -q "${broken%% *}"'
	is '... all rows are there' "$(sqlite3 "$far/dev.db" \
	    'SELECT count(*) FROM UserMedia')" 71
	rm -rf "$far"
else
	skip 'the database on another file system' 'there is only one'
fi

# ---- the clock ----------------------------------------------------------------
dir=$tap_dir/clock
served
at() { FAULT_DIR=$dir FAULT_NOW=$1 LD_PRELOAD=$shim jair; }
ok 'the clock is in the future' at 2000000000000
before=$(sums)
sqlite3 "$dir/dev.db" "UPDATE Media SET overview = 'later' WHERE id = 1"
ok 'then it goes back by years' at 1700000000000
ok 'what was written in the future is kept' \
    kept "$(grep -v startup <<<"$before")"
is 'the latest archive holds the newest content' \
    "$(jq -r .integrity.content_sha256 "$dir/backup_latest.json")" \
    "$(jq -r .integrity.content_sha256 "$dir"/backup_2023-11-14*.json)"
ok 'everything verifies' whole

# ---- somebody writes meanwhile -------------------------------------------------
dir=$tap_dir/busy
served
sqlite3 "$dir/dev.db" 'CREATE TABLE stop (x)'
# Two rows at a time: an archive holds both or none.
( n=5000
while [ ! -e "$tap_dir/stop" ]; do
	n=$((n + 1))
	sqlite3 "$dir/dev.db" ".timeout 10000" "BEGIN IMMEDIATE;
	INSERT INTO Media (id, tmdbId, title, mediaType) VALUES
	($n * 2, $n, 'pair', 'movie'), ($n * 2 + 1, $n, 'pair', 'tv');
	INSERT INTO UserMedia (userId, mediaId, status) VALUES
	(1, $n * 2, 'WATCHED'), (1, $n * 2 + 1, 'WATCHED'); COMMIT"
done ) &
writer=$!
busy() {
	local i pairs lost=0
	for i in $(seq "${1:-15}"); do
		jair backup && jair verify backup_latest.json ||
			lost=$((lost + 1))
		pairs=$(jq -c '[.. | objects | select(.title? == "pair") |
		    .tmdb_id] | group_by(.) | map(length) | unique' \
		    "$dir/backup_latest.json")
		[ "$pairs" = '[2]' ] || [ "$pairs" = '[]' ] ||
			lost=$((lost + 1))
		[ $((i % 5)) != 0 ] || jair || lost=$((lost + 1))
	done
	diag "concurrent writer: $i points tried, $lost lost"
	[ "$lost" = 0 ]
}
ok 'archives while somebody writes hold one state' busy ${full:+100}
touch "$tap_dir/stop"
wait $writer
ok 'nothing of what was written is missing' test "$(sqlite3 "$dir/dev.db" \
    "SELECT count(*) % 2 = 0 AND count(*) > 0 FROM UserMedia, Media
    WHERE mediaId = Media.id AND title = 'pair'")" = 1

# ---- kills that the kernel sees -------------------------------------------------
# traced_at CALL N: kill the start at its N-th CALL; its status.
traced_at() {
	rm -rf "$dir"
	mkdir "$dir"
	cp tests/fixtures/db/v2.0.3-small.db "$dir/dev.db"
	# In a shell of its own, which alone tells that it was killed.
	(DATA_DIR=$dir strace -f -o /dev/null -e "trace=$1" \
	    -e "inject=$1:signal=KILL:when=$2" "$init" \
	    >"$tap_dir/log" 2>&1
	exit $?) 2>/dev/null
}
# strace counts each call by itself.
traced() {
	local call n rc tried=0 lost=0
	for call in write pwrite64 fsync fdatasync rename renameat2 fchmod \
	    openat unlink; do
		rc=137
		for ((n = 1; rc == 137; n += ${1:-25})); do
			traced_at "$call" "$n"
			rc=$?
			tried=$((tried + 1))
			whole && starts || lost=$((lost + 1))
		done
	done
	diag "kills by strace: $tried points tried, $lost lost"
	[ "$tried" -gt 15 ] && [ "$lost" = 0 ]
}
dir=$tap_dir/traced
if (strace -f -o /dev/null -e trace=write -e inject=write:signal=KILL:when=1 \
    echo >"$tap_dir/log"
    exit $?) 2>/dev/null; [ $? = 137 ]; then
	ok 'kills that strace injects' traced ${full:+1}
else
	skip 'kills that strace injects' 'strace or ptrace is missing'
fi

# ---- a real power cut ------------------------------------------------------------
# cut_at N SAVE: start, be killed at change N, lose the power; 0 when all is
# there.
cut_at() {
	mkfs.ext4 -q -F "$tap_dir/disk" && mkdir -p "$tap_dir/ext4" &&
		mount -o loop "$tap_dir/disk" "$tap_dir/ext4" || return 2
	mounted=("$tap_dir/ext4")
	dir=$tap_dir/ext4/data
	cp -a "$tap_dir/origin4" "$dir"
	sync -f "$dir"
	(FAULT_DIR=$dir FAULT_AT=$1 FAULT_DO=kill FAULT_SAVE=$2 \
	    LD_PRELOAD=$shim jair backup
	exit $?) 2>/dev/null
	rc=$?
	"$build/fault/cut" "$tap_dir/ext4" || return 2
	umount "$tap_dir/ext4" &&
		mount -o loop "$tap_dir/disk" "$tap_dir/ext4" || return 2
	# A backup that said it was done is there.
	whole && { [ "$rc" != 0 ] || grep -q 'before the cut' \
	    "$dir/backup_latest.json"; } && starts
}
cuts() {
	local n tried=0 lost=0
	rc=137
	for ((n = 1; rc == 137; n += ${1:-15})); do
		tried=$((tried + 1))
		cut_at "$n" 1 || lost=$((lost + 1))
		umount "$tap_dir/ext4"
	done
	diag "power cuts of ext4: $tried points tried, $lost lost"
	[ "$tried" -gt 2 ] && [ "$lost" = 0 ]
}
# Without its fsyncs the archive must be lost: else the test proves nothing.
careless() {
	local rc_cut
	cut_at 0 0
	rc_cut=$?
	umount "$tap_dir/ext4"
	[ "$rc_cut" = 1 ]
}
dir=$tap_dir/origin4
served
sqlite3 "$dir/dev.db" "UPDATE Media SET overview = 'before the cut'"
truncate -s 32M "$tap_dir/disk"
if command -v mkfs.ext4 >/dev/null && mkfs.ext4 -q -F "$tap_dir/disk" &&
    mkdir -p "$tap_dir/ext4" &&
    mount -o loop "$tap_dir/disk" "$tap_dir/ext4" 2>/dev/null; then
	umount "$tap_dir/ext4"
	ok 'power cuts of a real file system' cuts ${full:+1}
	ok 'a control: without fsync something is lost' careless
else
	skip 'power cuts of a real file system' 'no loop mounts here'
fi
done_testing
