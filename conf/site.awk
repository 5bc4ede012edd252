# site.awk: make a site for a web server that is there already out of
# conf/nginx.conf, so that no limit and no header stands in two files.
#	awk -f conf/site.awk conf/nginx.conf
# What only http {} may hold is printed first, under names that begin with
# jair_; the rest of http {} goes into the server {}, where it concerns no
# other site; what belongs to the whole server is left out.  @HTML@, @SOCKET@,
# @LISTEN@, @PORT@ and @RESTORE_MAX@ are still to be filled in.

function own_names(s) {
	gsub(/zone=/, "&jair_", s)
	gsub(/limit_conn (per_address|upload)/, "#&", s)
	gsub(/#limit_conn /, "limit_conn jair_", s)
	gsub(/\$(writer|uploader|body_limit|too_many|caching)/, "#&", s)
	gsub(/#\$/, "$jair_", s)
	sub(/log_format plain/, "log_format jair", s)
	sub(/"@RUN@\/access.log" plain/, "/var/log/nginx/jair.log jair", s)
	return s
}

# One directive or block of http {}, with the comment above it.
function take(text, word) {
	# The server's own default_type is the one that counts.
	if (word ~ /_temp_path$/ || word == "default_type")
		return
	if (word == "server")
		server = text
	else if (word ~ /^(map|log_format|limit_req_zone|limit_conn_zone)$/)
		shared = shared text
	else
		own = own text
}

BEGIN {
	print "# The site of jair: include it in http {}, as Debian does with"
	print "# what lies in /etc/nginx/sites-enabled.  Made of conf/nginx.conf."
	print ""
}
/^http \{$/ { inside = 1; next }
/^}$/ { inside = 0 }
!inside { next }
{
	line = own_names($0)
	text = text line "\n"
	if (line ~ /^\t*#/ || line ~ /^$/) {
		if (depth == 0 && line ~ /^$/)
			text = ""
		next
	}
	if (word == "")
		word = $1
	if (line ~ /\{$/)
		depth++
	else if (line ~ /^\t*}$/)
		depth--
	if (depth == 0 && line ~ /[;}]$/) {
		take(text, word)
		text = word = ""
	}
}
END {
	if (depth != 0 || server == "")
		exit 1
	gsub(/(^|\n)\t/, "\n", shared)
	sub(/^\n/, "", shared)
	gsub(/\n\t/, "\n", server)
	sub(/^\t/, "", server)
	sub(/server \{\n/, "&" own "\n", server)
	printf "%s\n%s", shared, server
}
