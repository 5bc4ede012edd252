#!/bin/sh
# setup.sh SET...: install the Debian packages that are missing for the sets
# build, check, run, test and lint.  When nothing is missing nothing is done,
# and no network is used.  As root, or through sudo.
set -eu

# A line: what shows that it is there, then the package.  "lib:" asks
# pkg-config, "cmd:" the search path, "file:" the file system, "node:" the
# version of Node.js.
build_set='
cmd:cc gcc
file:/usr/include/stdlib.h libc6-dev
cmd:make make
cmd:pkg-config pkg-config
lib:sqlite3 libsqlite3-dev
lib:json-c libjson-c-dev
lib:libcurl libcurl4-openssl-dev
lib:libsodium libsodium-dev
lib:libcrypto libssl-dev
file:/usr/include/fcgiapp.h libfcgi-dev
'
run_set="$build_set"'
cmd:nginx nginx-light
cmd:curl curl
file:/etc/ssl/certs/ca-certificates.crt ca-certificates
cmd:setpriv util-linux
'
check_set='
lib:cmocka libcmocka-dev
'
test_set="$check_set"'
cmd:sqlite3 sqlite3
cmd:jq jq
cmd:cgi-fcgi libfcgi-bin
cmd:strace strace
cmd:ps procps
cmd:systemd-analyze systemd
cmd:mandoc mandoc
cmd:lintian lintian
cmd:dpkg-shlibdeps dpkg-dev
cmd:ip iproute2
cmd:dockerd docker.io
file:/usr/bin/docker-compose docker-compose
cmd:docker-registry docker-registry
cmd:git git
cmd:mmdebstrap mmdebstrap
'
browser_set='
node:18 nodejs
cmd:npm npm
cmd:chromium chromium
'
lint_set='
cmd:clang clang
cmd:clang-format clang-format
cmd:clang-tidy clang-tidy
cmd:cppcheck cppcheck
cmd:shellcheck shellcheck
cmd:mandoc mandoc
node:12 nodejs
'

PATH=$PATH:/usr/sbin:/sbin
cd "$(dirname "$0")/.."

# Is it there?
have() {
	case $1 in
	cmd:*) command -v "${1#cmd:}" >/dev/null 2>&1 ;;
	lib:*) command -v pkg-config >/dev/null 2>&1 &&
		pkg-config --exists "${1#lib:}" ;;
	file:*) test -e "${1#file:}" ;;
	node:*) command -v node >/dev/null 2>&1 &&
		node -e 'process.exit(parseInt(process.versions.node, 10) >=
		    Number(process.argv[1]) ? 0 : 1)' "${1#node:}" ;;
	esac
}

packages_missing() {
	printf '%s\n' "$1" | while read -r what package; do
		[ -z "$what" ] || have "$what" || printf '%s ' "$package"
	done
}

# A web server or an engine that its package starts by itself would serve this
# machine to others, or change its network.  While apt-get runs, services may
# not start; a policy that the administrator has made is left alone.
install_packages() {
	# shellcheck disable=SC2016 # expanded by the inner shell
	script='
	policy=/usr/sbin/policy-rc.d
	if [ ! -e "$policy" ]; then
		printf "#!/bin/sh\nexit 101\n" > "$policy"
		chmod 755 "$policy"
		trap "rm -f $policy" EXIT
		trap "exit 130" INT TERM
	fi
	had=" $(ls /etc/init.d | tr "\n" " ")"
	export DEBIAN_FRONTEND=noninteractive
	apt-get update -q
	apt-get install -y -q --no-install-recommends "$@"
	# Nor at the next start of the machine, when they came with us.
	for name in nginx docker docker-registry; do
		case "$had" in
		*" $name "*) continue ;;
		esac
		[ -e "/etc/init.d/$name" ] || continue
		update-rc.d "$name" disable || :
		if [ "$name" = docker ] && command -v systemctl >/dev/null; then
			systemctl --quiet disable docker.socket containerd || :
		fi
	done'
	if [ "$(id -u)" = 0 ]; then
		sh -euc "$script" setup "$@"
	else
		sudo sh -euc "$script" setup "$@"
	fi
}

missing=
for set in "$@"; do
	case $set in
	build) missing="$missing $(packages_missing "$build_set")" ;;
	check) missing="$missing $(packages_missing "$check_set")" ;;
	run) missing="$missing $(packages_missing "$run_set")" ;;
	test)
		missing="$missing $(packages_missing "$test_set")"
		if [ -e tests/browser/package.json ]; then
			missing="$missing $(packages_missing "$browser_set")"
		fi ;;
	lint) missing="$missing $(packages_missing "$lint_set")" ;;
	*)
		echo "setup.sh: there is no set $set (build, check, run, test, lint)." >&2
		exit 1 ;;
	esac
done

# shellcheck disable=SC2086 # a list of words
set -- $missing
[ $# -gt 0 ] || exit 0
echo "Missing packages: $*"
if ! command -v apt-get >/dev/null 2>&1; then
	echo "This is no Debian; install what these packages hold by hand." >&2
	exit 1
fi
if [ "$(id -u)" != 0 ] && ! command -v sudo >/dev/null 2>&1; then
	echo "Run as root: apt-get install --no-install-recommends $*" >&2
	exit 1
fi
echo "Installing them with apt-get."
install_packages "$@"
