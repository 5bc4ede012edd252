# blocks.awk -v out=DIR -v worlds="make service docker" PAGE...: take the
# commands out of pages.
#
#	```console WORLD [GIVEN...]
#	$ a command
#	what it prints
#	^C			Ctrl-C for the command that still runs
#	jair has stopped.
#	```
#
# DIR/N.cmd is a command, DIR/N.out what the page shows below it; DIR/index has
# a line for each: N, page, line, section, world, what is given, with tabs.
# What could hide a command from the tests is told as "PAGE:LINE: why", and
# ends this with status 1.

function problem(why) {
	printf "%s:%d: %s\n", FILENAME, FNR, why >"/dev/stderr"
	bad = 1
}

function end_command() {
	if (command != "")
		close(out "/" count ".out")
	command = ""
}

function begin_command(text) {
	end_command()
	command = text
	count++
	print text >(out "/" count ".cmd")
	close(out "/" count ".cmd")
	printf "" >(out "/" count ".out")
	printf "%d\t%s\t%d\t%s\t%s\t%s\n", count, FILENAME, FNR, \
	    FILENAME "#" section, world, given != "" ? given : "-" >(out "/index")
	given = ""
}

function open_block(info,	i, n, word) {
	inside = 1
	n = split(info, word, " ")
	data = word[1] != "console"
	if (word[1] ~ /^(text|json|ini|js)$/ && n == 1)
		return
	world = word[2]
	given = ""
	for (i = 3; i <= n; i++)
		given = given (given != "" ? " " : "") word[i]
	if (data)
		problem("a block is console, text, json, ini or js, not \"" info "\"")
	else if (index(" " worlds " ", " " world " ") == 0)
		problem("nobody runs the commands of \"" info "\"")
}

function in_block(line) {
	if (data) {
		if (line ~ /^[ \t]*[$#>] / || line ~ /^[ \t]*(sudo )?(apt|build\/[^ ]*|cat|cd|chown|cp|curl|docker[^ ]*|git|grep|jair-(init|api)|journalctl|jq|ln|ls|make|man|mv|rm|runuser|service|sqlite3|systemctl)( |$)/)
			problem("a command in a block that is not run")
		return
	}
	if (line == "^C")
		begin_command("^C")
	else if (line ~ /^\$ ./)
		begin_command(substr(line, 3))
	else if (command == "")
		problem("a console block begins with a command")
	else
		print line >(out "/" count ".out")
}

BEGIN { printf "" >(out "/index") }
FNR == 1 {
	if (inside)
		problem("the block before does not end")
	inside = 0
	section = 0
}
/^```/ {
	if (!inside) {
		open_block(substr($0, 4))
	} else if ($0 == "```") {
		if (!data && command == "")
			problem("an empty console block")
		end_command()
		inside = 0
	} else {
		problem("a block in a block")
	}
	next
}
inside { in_block($0); next }
/^## / { section++ }
/^[ \t]+(```|~~~)|^~~~/ { problem("a block that is indented or has tildes") }
/^(    |\t)[ \t]*[$#] / { problem("a command outside a block") }
END {
	if (inside)
		problem("the last block does not end")
	exit bad
}
