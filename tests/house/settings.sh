#!/bin/bash
# Without this test a setting could exist that no document tells of, or the
# documents could promise a default that the programs do not have.
. tests/lib.sh
plan 5

# "NAME default" a line, of the table in core/env.c, the example, the manual.
table() {
	tr -d '\n' <core/env.c |
	    grep -oE '\] = \{ *"[A-Z_]+",[[:space:]]*"[^"]*"' |
	    sed -E 's/.*\{ *"([A-Z_]+)",[[:space:]]*"([^"]*)"/\1 \2/' | sort
}
example() {
	sed -nE 's/^([A-Z_]+)=(.*)$/\1 \2/p' conf/jair.env.example | sort
}
manual() {
	sed -nE -e 's/^\.It Ev ([A-Z_]+) Pq default: Li (.*)$/\1 \2/p' \
	    -e 's/^\.It Ev ([A-Z_]+) Pq default: none$/\1 /p' \
	    docs/man/jair.env.5 | sort
}

# Names of the settings that containers get; what they have from their own
# image, or from the network around them, is not the owner's to set there.
compose() {
	sed -nE 's/^    ([A-Z_]+):.*$/\1/p' docker-compose.prod.yml | sort -u
}
not_in_containers='DATABASE_URL
DATA_DIR
JAIR_LISTEN
JAIR_SOCKET'

ok 'the table is found' test "$(table | wc -l)" -ge 10
is 'the example lists every setting and default' "$(example)" "$(table)"
is 'the manual page lists every setting and default' "$(manual)" "$(table)"
is 'docker-compose.prod.yml hands on every setting' \
    "$(printf '%s\n' "$(compose)" "$not_in_containers" | sort)" \
    "$(table | cut -d' ' -f1)"
is 'and requires the code of the setup' "$(grep -c \
    '^    JAIR_SETUP_CODE_REQUIRED: "1"$' docker-compose.prod.yml)" 1
done_testing
