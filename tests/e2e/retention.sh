#!/bin/bash
# Without these tests old archives could fill the disk, or a restart too many
# could remove the one that a household needs.
# shellcheck disable=SC2154,SC2016,SC2012 # from the library; for eval; names without blanks
cd "$(dirname "$0")/../.." || exit 1
. tests/lib.sh
init=$PWD/$build/jair-init
fixtures=tests/fixtures/db

jair() { DATA_DIR=$dir "$init" "$@"; }
boot() {
	jair > "$tap_dir/log" 2>&1
	rc=$?
	log=$(cat "$tap_dir/log")
}
# fresh NAME: a new folder $dir whose database needs no change.
fresh() {
	dir=$tap_dir/$1
	mkdir "$dir"
	cp "$tap_dir/synced.db" "$dir/dev.db"
}
archives() { (cd "$dir" && ls -d backup_2*); }
newest() { archives | tail -n 1; }
# archive STAMP [TEXT]: an archive of that time, with content of its own, or
# with the content TEXT.
archive() {
	local name
	sqlite3 "$dir/dev.db" \
	    "UPDATE User SET movieProfile = '${2:-$1}' WHERE id = 1"
	name=$(jair backup --json | jq -r .name)
	mv "$dir/$name" "$dir/backup_$1.json"
}
sums() { (cd "$dir" && sha256sum -- "$@" 2>&1); }
state() { find "$dir" -printf '%p %s %T@ %C@ %m\n' | sort; }

dir=$tap_dir/prepare
mkdir "$dir"
cp "$fixtures/v2.8.10-small.db" "$dir/dev.db"
boot
is "a database is prepared" "$rc" 0
mv "$dir/dev.db" "$tap_dir/synced.db"

# ---- restarts in a loop -----------------------------------------------------

for content in same other; do
	fresh "loop-$content"
	archive 2026-01-05T10-30-00 before
	[ $content = same ] || sqlite3 "$dir/dev.db" \
	    'UPDATE User SET movieProfile = "after"'
	before=$(sums backup_2026-01-05T10-30-00.json)
	failed=0
	for i in $(seq 50); do
		boot
		[ "$rc" = 0 ] || failed=$((failed + 1))
		[ "$i" = 1 ] && first=$(newest)
		echo "$log" >> "$tap_dir/loop-$content.log"
	done
	is "$content content: fifty restarts end well" $failed 0
	is "$content content: the archive from before is there" \
	    "$(sums backup_2026-01-05T10-30-00.json)" "$before"
	# Names run ahead of the clock when starts follow each other within a
	# second: then the newest by name and the one just made both stay.
	if [ $content = same ]; then
		like "$content content: beside it only the newest" \
		    "$(archives | wc -l)" '^[23]$'
	else
		like "$content content: of the loop the first and the newest" \
		    "$(archives | sed -n 2p; archives | wc -l)" "^$first
[34]$"
	fi
	ok "$content content: the newest verifies" jair verify "$(newest)"
	like "$content content: the log says it" \
	    "$(cat "$tap_dir/loop-$content.log")" \
	    '🧹 Removed 1 archive \(kept [345], [0-9.]+ [kM]B\)'
done

# ---- rules, and what is not ours --------------------------------------------

fresh rules
export JAIR_KEEP=last=1000
for d in 01 02 03 04 05 06 07; do
	archive "2026-03-${d}T08-00-00"
	archive "2026-03-${d}T20-00-00"
done
archive 2026-02-10T08-00-00
archive 2026-01-10T08-00-00
archive 2025-12-10T08-00-00
touch "$dir/backup_mine.json" "$dir/backup_2020-01-01.json" \
    "$dir/backup_2020-01-01T00-00-00.json.bak" "$dir/backup_.json" \
    "$dir/xbackup_2020-01-01T00-00-00.json" "$dir/dev.db.pre-upgrade_mine" \
    "$dir/backup_2020-02-31T00-00-00.json"
mkdir "$dir/backup_2020-01-02T00-00-00.json"
ln -s backup_mine.json "$dir/backup_2020-01-03T00-00-00.json"
strangers() {
	(cd "$dir" && ls -d backup_mine* backup_2020* backup_.json xbackup* \
	    dev.db.pre-upgrade_mine)
}
before=$(strangers)
export JAIR_KEEP=last=2,daily=3,weekly=2,monthly=3
all=$(state)
jair prune --dry-run > "$tap_dir/dry"
is "prune --dry-run: status" $? 0
is "prune --dry-run writes nothing" "$(state)" "$all"
is "prune --dry-run tells what would go" \
    "$(grep -c 'would go' "$tap_dir/dry")" 10
like "prune --dry-run tells why the others stay" "$(cat "$tap_dir/dry")" \
"backup_2026-03-07T20-00-00.json .* stays .*the newest verified archive
backup_2026-03-07T08-00-00.json .* stays .*one of the last
backup_2026-03-06T20-00-00.json .* stays .*the day's
backup_2026-03-06T08-00-00.json .* would go .*older than"
like "prune --dry-run: the sum" "$(tail -n 1 "$tap_dir/dry")" \
    '^Would remove 10 archives \(kept 8, '
ok "prune --dry-run --json parses" eval 'jair prune --dry-run --json | jq -e \
    ".dryRun and .removed == 10 and (.files | length) == 18"'
is "prune --json" "$(jair prune --json | jq -c '[.dryRun, .removed, .kept]')" \
    '[false,10,8]'
is "what stays is what the rules say" "$(archives | grep -v _2020)" \
"backup_2026-01-10T08-00-00.json
backup_2026-02-10T08-00-00.json
backup_2026-03-01T20-00-00.json
backup_2026-03-05T20-00-00.json
backup_2026-03-06T20-00-00.json
backup_2026-03-07T08-00-00.json
backup_2026-03-07T20-00-00.json" || diag "$(cat "$tap_dir/dry")"
is "pruned again nothing goes" "$(jair prune --json | jq .removed)" 0
export JAIR_KEEP=last=0,daily=0,weekly=0,monthly=0
is "with no rule the newest stays" "$(jair prune --json | jq .kept)" 2
ok "and backup_latest.json" test -s "$dir/backup_latest.json"
is "what is not ours by name stays" "$(strangers)" "$before"

# ---- the budget -------------------------------------------------------------

fresh budget
export JAIR_KEEP=last=1000
for i in 1 2 3 4 5 6; do
	archive "2026-03-0${i}T08-00-00"
done
for i in 1 2 3 4; do
	cp "$dir/dev.db" "$dir/dev.db.pre-upgrade_2026-03-0${i}T08-00-00"
done
size=$(stat -c %s "$dir/backup_2026-03-06T08-00-00.json")
db=$(stat -c %s "$dir/dev.db")
export JAIR_KEEP_BYTES=$((2 * db + 4 * size + 100))
is "the budget: old snapshots and the oldest archives go" \
    "$(jair prune --json | jq -c '[.removed, .kept]')" '[5,6]'
is "the budget: the newest three are there" "$(archives)" \
"backup_2026-03-04T08-00-00.json
backup_2026-03-05T08-00-00.json
backup_2026-03-06T08-00-00.json"
is "the budget: the snapshots of the last two upgrades are there" \
    "$(cd "$dir" && ls dev.db.pre-upgrade*)" \
"dev.db.pre-upgrade_2026-03-03T08-00-00
dev.db.pre-upgrade_2026-03-04T08-00-00"
export JAIR_KEEP_BYTES=1
boot
is "a budget smaller than one archive: the boot goes on" "$rc" 0
like "a budget smaller than one archive: the warning" "$log" \
    '⚠️  .*JAIR_KEEP_BYTES allows'
is "a budget smaller than one archive: the newest stays" \
    "$(archives | wc -l)" 1
ok "a budget smaller than one archive: it verifies" jair verify "$(newest)"
unset JAIR_KEEP_BYTES

# ---- archives that are not what they were -----------------------------------

fresh damaged
export JAIR_KEEP=last=1000
for i in 1 2 3 4; do
	archive "2026-03-0${i}T08-00-00"
done
printf X | dd of="$dir/backup_2026-03-04T08-00-00.json" bs=1 seek=900 \
    conv=notrunc status=none
: > "$dir/backup_2026-03-05T08-00-00.json"
export JAIR_KEEP=last=1,daily=0,weekly=0,monthly=0
jair prune > "$tap_dir/out" 2> "$tap_dir/err"
is "damaged archives: status" $? 0
like "damaged archives are told of" "$(cat "$tap_dir/err")" \
    '2 archives damaged or changed'
is "damaged archives stay and take no place" "$(archives)" \
"backup_2026-03-03T08-00-00.json
backup_2026-03-04T08-00-00.json
backup_2026-03-05T08-00-00.json"

# The newest one is read anew before anything goes for its sake, whatever is
# remembered of it.
fresh rotten
export JAIR_KEEP=last=1000
for i in 1 2 3; do
	archive "2026-03-0${i}T08-00-00"
done
jair prune > /dev/null
printf X | dd of="$dir/backup_2026-03-03T08-00-00.json" bs=1 seek=900 \
    conv=notrunc status=none
sed -i "s/^\(backup_2026-03-03[^ ]* [0-9]*\) [0-9.]*/\1 $(stat -c %.9Z \
    "$dir/backup_2026-03-03T08-00-00.json")/" "$dir/.jair.archives"
export JAIR_KEEP=last=1,daily=0,weekly=0,monthly=0
jair prune > /dev/null 2>&1
is "damage that the memory does not know of" "$(archives)" \
"backup_2026-03-02T08-00-00.json
backup_2026-03-03T08-00-00.json"

fresh memory
export JAIR_KEEP=last=1000
for i in 1 2 3; do
	archive "2026-03-0${i}T08-00-00" same
done
is "what is remembered: equal ones" "$(jair prune --json | jq .removed)" 0
head -c 300 /dev/urandom > "$dir/.jair.archives"
archive 2026-03-04T08-00-00 same
is "a damaged memory is only forgotten" "$(archives)" \
"backup_2026-03-01T08-00-00.json
backup_2026-03-04T08-00-00.json"
unset JAIR_KEEP

# Those of the original have no checksum: they count, but prove nothing.
fresh original
boot
rm "$dir"/backup_2*
for i in 1 2 3; do
	jq "del(.generator, .integrity) | .users[0].movieProfile = \"$i\"" \
	    "$dir/backup_latest.json" \
	    > "$dir/backup_2025-03-0${i}T08-00-00.json"
done
export JAIR_KEEP=last=1,daily=0,weekly=0,monthly=0
is "without a verified archive nothing goes" \
    "$(jair prune --json | jq .removed)" 0
boot
is "with one the older ones do" "$(archives | grep -c 2025)" 0
unset JAIR_KEEP

# ---- failures ---------------------------------------------------------------

fresh stuck
export JAIR_KEEP=last=1000
for i in 1 2 3 4; do
	archive "2026-03-0${i}T08-00-00"
done
export JAIR_KEEP=last=1,daily=0,weekly=0,monthly=0
cp -r "$dir" "$tap_dir/killed"
if strace -o /dev/null true 2> /dev/null; then
	DATA_DIR=$dir strace -o "$tap_dir/trace" \
	    -P "$dir/backup_2026-03-02T08-00-00.json" \
	    -e inject=unlink:error=EACCES "$init" > "$tap_dir/log" 2>&1
	is "a file that cannot be removed: the boot goes on" $? 0
	like "a file that cannot be removed: the log" "$(cat "$tap_dir/log")" \
	    'Removed 2 archives.*could not be removed.*03-02T08'
	is "a file that cannot be removed: the others go" \
	    "$(archives | grep -c _2026-03)" 2
	dir=$tap_dir/killed
	for n in 1 2 3; do
		DATA_DIR=$dir strace -o "$tap_dir/trace" \
		    -e trace=unlink -e inject=unlink:signal=KILL:when=2 \
		    "$init" prune > /dev/null 2>&1
		ok "killed between removals ($n): the newest verifies" \
		    jair verify "$(newest)"
	done
	is "killed between removals: the newest is the same" "$(newest)" \
	    backup_2026-03-04T08-00-00.json
	is "killed between removals: the rest goes the next time" \
	    "$(jair prune > /dev/null; archives | wc -l)" 1
else
	skip "removals that fail, kills between them" "strace cannot trace here"
fi

fresh closed
export JAIR_KEEP=last=1000
archive 2026-03-01T08-00-00
archive 2026-03-02T08-00-00
export JAIR_KEEP=last=1,daily=0,weekly=0,monthly=0
chmod 500 "$dir"
before=$(archives)
run=()
if [ "$(id -u)" = 0 ]; then
	chmod 711 "$tap_dir"
	chown -R 65534:65534 "$dir"
	run=(setpriv --reuid=65534 --regid=65534 --clear-groups)
fi
DATA_DIR=$dir "${run[@]}" "$init" prune > "$tap_dir/out" 2> "$tap_dir/err"
is "a folder that is read-only: status" $? 2
like "a folder that is read-only: message" "$(cat "$tap_dir/err")" \
    'could not be removed: Cannot remove .*2026-03-01T08-00-00.json'
is "a folder that is read-only: all is there" "$(archives)" "$before"
DATA_DIR=$dir "${run[@]}" "$init" prune --dry-run > "$tap_dir/out"
is "a folder that is read-only: --dry-run works" $? 0
chmod 700 "$dir"

jair prune --wrong 2> /dev/null
is "an unknown option: status" $? 1
JAIR_KEEP=all jair prune 2> "$tap_dir/err"
is "a wrong rule: status" $? 1
like "a wrong rule is named" "$(cat "$tap_dir/err")" 'JAIR_KEEP'
done_testing
