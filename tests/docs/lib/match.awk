# match.awk WANTED GOT: compare line by line; a line "…" of WANTED stands for
# any lines, also none.  When all is equal it prints which line met which, two
# numbers a line.  Else it says the first line that differs, and ends with 1.
FILENAME == ARGV[1] { want[++wants] = $0; next }
{ got[++gots] = $0 }

function differs(line) {
	print "# the page: " (line <= wants ? want[line] : "(no more)")
	if (!star)
		print "# printed:  " (g <= gots ? got[g] : "(no more)")
	exit status = 1
}

END {
	w = g = far = 1
	while (g <= gots) {
		if (w <= wants && want[w] == "…") {
			star = w++
			from = g
		} else if (w <= wants && want[w] == got[g]) {
			met[w++] = g++
			far = w > far ? w : far
		} else if (star) {
			w = star + 1
			g = ++from
		} else {
			differs(w)
		}
	}
	while (w <= wants && want[w] == "…")
		w++
	if (w <= wants)
		differs(far > w ? far : w)
	for (w = 1; w <= wants; w++)
		if (want[w] != "…")
			print w, met[w]
}
