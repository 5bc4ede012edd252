#!/bin/bash
# Without this test the site that is installed beside other sites could miss a
# limit or a header of conf/nginx.conf, or be refused by the web server of
# Debian; and nginx's user could be kept out of the socket.
# shellcheck disable=SC2154,SC2317 # from the libraries; called by wait_for
. tests/lib.sh
. tests/lib-http.sh

site=$tap_dir/usr/share/jair/nginx-site.conf
install_site() {
	make -s --no-print-directory install PREFIX="$tap_dir/usr" \
	    SYSCONFDIR="$tap_dir/etc" >"$tap_dir/log" 2>&1 ||
	    { cat "$tap_dir/log"; return 1; }
}
# write_house FILE: a web server as Debian sets it up, with another site.
write_house() {
	cat >"$1" <<-END
		daemon off;
		$([ "$(id -u)" != 0 ] || echo 'user www-data;')
		pid $run/nginx.pid;
		error_log $run/error.log;
		events { worker_connections 768; }
		http {
			sendfile on;
			tcp_nopush on;
			types_hash_max_size 2048;
			include /etc/nginx/mime.types;
			default_type application/octet-stream;
			access_log $run/access.log;
			gzip on;
			server_tokens on;
			client_max_body_size 1m;
			limit_req_zone \$binary_remote_addr zone=login:1m rate=1r/s;
			map \$uri \$caching { default "other"; }
			$(for way in body fastcgi proxy scgi uwsgi; do
				name=${way}_temp_path
				[ $way != body ] || name=client_body_temp_path
				echo "$name $run/$way;"
			done)
			include $tap_dir/sites/*;
			server {
				listen 127.0.0.1:$other_port;
				limit_req zone=login;
				return 200 "another site \$caching\n";
			}
		}
	END
}
# As the service does: the user is not nginx's, the folder's group is.
start_service() {
	if [ "$(id -u)" != 0 ]; then
		start_api
		return
	fi
	chown -R 65534:65534 "$data"
	chown 65534:www-data "$run/jair"
	chmod 2750 "$run/jair"
	DATA_DIR=$data JAIR_SOCKET=$sock setpriv --reuid=65534 \
	    --regid=65534 --clear-groups "$tap_dir/usr/sbin/jair-api" \
	    2>>"$tap_dir/api.log" &
	api_pid=$!
	started "$api_pid"
	wait_for 20 direct_ok
}
start_house() {
	"$(PATH=$PATH:/usr/sbin command -v nginx)" -e "$run/error.log" \
	    -c "$tap_dir/nginx.conf" &
	nginx_pid=$!
	started "$nginx_pid"
	wait_for 20 listening || { cat "$run/error.log"; return 1; }
}

chmod 711 "$tap_dir"
umask 022
mkdir -p "$tap_dir/sites" "$run/jair"
sock=$run/jair/api.sock
ok 'make install' install_site
make_data
ok 'the server starts' start_service
[ "$(id -u)" != 0 ] ||
	is 'the socket bears the group of its folder' \
	    "$(stat -c '%a %G' "$sock")" '660 www-data'

port=$(free_port)
other_port=$port
while [ "$other_port" = "$port" ]; do other_port=$(free_port); done
sed -e "s|:5173 |:$port |" -e "s|/run/jair/api.sock|$sock|" \
    -e "s|/var/log/nginx|$run|" "$site" >"$tap_dir/sites/jair"
write_house "$tap_dir/nginx.conf"
ok "Debian's web server takes the site beside another one" start_house
get /api/health
is 'and its user reaches the workers' "$status $(field status)" '200 ok'
answers >"$tap_dir/as-site"
port=$other_port get /
is 'the other site is as it was' "$body" 'another site other'
ok 'the log is written' wait_for 20 grep -q 'GET "/' "$run/jair.log"
kill -QUIT "$nginx_pid"
ok 'it stops' wait_for 20 gone "$nginx_pid"

rm -rf "${run:?}"/{body,fastcgi,proxy,scgi,uwsgi}
# root may enter any folder, so start_nginx of the library finds the socket.
ok 'the web server of make run' start_nginx
answers >"$tap_dir/as-run"
is 'answers the same, header by header' "$(cat "$tap_dir/as-site")" \
    "$(cat "$tap_dir/as-run")"
like 'with the limits of the login' "$(cat "$tap_dir/as-site")" \
    'login 413 .*4 KiB'
like 'and the policy of the pages' "$(cat "$tap_dir/as-site")" \
    'Content-Security-Policy: default-src .none.'
done_testing
