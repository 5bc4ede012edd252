# run.sh: run the commands that the pages show, and compare what they print
# with what the pages show.  Source it after tests/lib.sh.  A world (one way to
# install jair) brings these:
#	world_can	say why it cannot be here, or nothing
#	world_new	as if jair had just been put there, without data
#	world_sh CMD	as its owner types it; what it prints on stdout
#	world_stay CMD	the same for one that stays in the foreground: exec
#	world_end	nothing of it is left
#	world_ready, world_start, world_stop, world_own, $world_data,
#	$world_inside, $world_home	for what is given
# shellcheck shell=bash disable=SC2154 # from tests/lib.sh

docs_pages=(README.md CONTRIBUTING.md docs/BACKUP_RECOVERY.md
	docs/without-containers.md)
docs_worlds='make service docker'
docs=$tap_dir/docs
declare -A docs_stamps=()
docs_pids=()		# of commands that stay in the foreground, by age
. tests/docs/lib/given.sh

# docs_extract PAGE...: the commands of the pages in $docs.
docs_extract() {
	mkdir -p "$docs"
	awk -v out="$docs" -v worlds="$docs_worlds" -f tests/docs/lib/blocks.awk \
	    "$@"
}

# docs_normal FILE: with the names of forms in place of values.
docs_normal() {
	sed -E -e "s/<version>/$docs_version/g" \
	    -e "s/localhost:${docs_port:-5173}\b/localhost:5173/g" \
	    -e "s/localhost:${docs_port2:-5174}\b/localhost:5174/g" \
	    -f tests/docs/lib/normal.sed "$1"
}
docs_version=$(sed -n 's/^VERSION := //p' Makefile)

# docs_match WANTED GOT: does the output fit what the page shows?  Says what
# does not.
docs_match() {
	docs_normal "$1" >"$docs/wanted.normal"
	docs_normal "$2" >"$docs/got.normal"
	awk -f tests/docs/lib/match.awk "$docs/wanted.normal" \
	    "$docs/got.normal" >"$docs/met"
}

# The stamps in names of files are samples too.  What the page shows as one
# stamp must be one stamp here, and in a command it stands for that.
docs_stamp='[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}-[0-9]{2}-[0-9]{2}'
# docs_bind WANTED GOT: after docs_match, remember which stamp is which.
docs_bind() {
	local w g sample real
	while read -r w g; do
		paste -d ' ' \
		    <(sed -n "${w}p" "$1" | grep -oE "$docs_stamp") \
		    <(sed -n "${g}p" "$2" | grep -oE "$docs_stamp")
	done <"$docs/met" >"$docs/pairs"
	while read -r sample real; do
		[ "${docs_stamps[$sample]:=$real}" = "$real" ] && continue
		echo "# the page has $sample for ${docs_stamps[$sample]}" \
		    "and for $real"
		return 1
	done <"$docs/pairs"
}
# docs_real TEXT: with the stamps and the ports of here.
docs_real() {
	local text=$1 sample
	text=${text//localhost:5173/localhost:${docs_port:-5173}}
	text=${text//PORT=5174/PORT=${docs_port2:-5174}}
	# In two steps: one's real stamp may be another's sample.
	for sample in "${!docs_stamps[@]}"; do
		text=${text//$sample/<$sample>}
	done
	for sample in "${!docs_stamps[@]}"; do
		text=${text//<$sample>/${docs_stamps[$sample]}}
	done
	printf '%s' "$text"
}

# A command that serves stays in the foreground until ^C.
docs_serves() { [[ $1 =~ ^make\ run($|\ ) ]]; }

docs_background() {
	docs_stays=$docs/stays.${#docs_pids[@]}
	: >"$docs_stays"
	world_stay "$1" >>"$docs_stays" 2>&1 </dev/null &
	docs_pids+=($!)
	started $!
}
# It may say more than the page shows later.
docs_said() {
	cp "$docs_stays" "$docs/got"
	{ cat "$1"; echo …; } >"$docs/wanted"
	docs_match "$docs/wanted" "$docs/got"
}
# Ctrl-C for the last one; what it says from then on.
docs_interrupt() {
	local seen last=$((${#docs_pids[@]} - 1))
	[ $last -ge 0 ] || return
	docs_stays=$docs/stays.$last
	seen=$(wc -l <"$docs_stays")
	kill -INT -- "-${docs_pids[last]}" &&
	wait_for 30 gone "${docs_pids[last]}" || return
	unset "docs_pids[last]"
	tail -n +$((seen + 1)) "$docs_stays" >"$docs/got"
}
# shellcheck disable=SC2317 # wait_for calls it
docs_settled() { docs_said "$1" || gone "${docs_pids[-1]}"; }

# docs_command N: run command N; true when all is as the page shows.
docs_command() {
	local wanted=$docs/$1.out command status=0
	command=$(docs_real "$(<"$docs/$1.cmd")")
	: >"$docs/got"
	if docs_serves "$command"; then
		docs_background "$command"
		wait_for 300 docs_settled "$wanted"
		docs_said "$wanted" && ! gone "${docs_pids[-1]}" &&
		    docs_bind "$docs/wanted" "$docs/got" && return
		status='of a command that should go on'
	elif [ "$command" = '^C' ]; then
		docs_interrupt
		status=$?
	else
		world_sh "$command" >"$docs/got" 2>&1 </dev/null
		status=$?
	fi
	if docs_match "$wanted" "$docs/got" && [ "$status" = 0 ]; then
		docs_bind "$wanted" "$docs/got" && return
	else
		grep '^#' "$docs/met"
	fi
	echo "# status $status, all that was printed:"
	sed 's/^/#   /' "$docs/got"
	return 1
}

# What a section finds is not what another one left.
docs_begin() {
	world_end
	docs_stamps=()
	world_new >"$docs/new.log" 2>&1 || sed 's/^/# /' "$docs/new.log"
}

docs_give() {
	local what
	for what in $1; do
		"given_$what" >"$docs/given.log" 2>&1 && continue
		echo "# this could not be brought about: $what"
		sed 's/^/#   /' "$docs/given.log"
		return 1
	done
}

# docs_commands WORLD: a test for each command that the pages have for it.
docs_commands() {
	local cannot n page line section given name last=
	docs_extract "${docs_pages[@]}" 2>"$docs.problems" || not_ok 'the pages can be read'
	docs_of "$1" >"$docs/ours"
	world_can >"$docs/cannot"
	cannot=$(<"$docs/cannot")
	[ -z "$cannot" ] || diag "NOT RUN: no command for $1: $cannot"
	while IFS=$'\t' read -r n page line section _ given <&9; do
		name="$page:$line: $(<"$docs/$n.cmd")"
		if [ -n "$cannot" ]; then
			skip "$name" "$cannot"
			continue
		fi
		[ "$section" = "$last" ] || docs_begin
		last=$section
		if { [ "$given" = - ] || docs_give "$given"; } &&
		    docs_command "$n"; then
			ok "$name"
		else
			not_ok "$name"
		fi
	done 9<"$docs/ours"
	[ -n "$cannot" ] || world_end
}
docs_of() { awk -F'\t' -v w="$1" '$5 == w' "$docs/index"; }
