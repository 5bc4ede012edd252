# service.sh: a machine of its own with systemd, nginx and our package.  It is
# this machine's own root, with a layer over it that takes all that is written,
# in namespaces of its own: nothing of this machine is changed, and no network
# is there.
# shellcheck shell=bash disable=SC2154,SC2034 # from, for the other libraries
. tests/docs/lib/tree.sh

world_pid=			# of its systemd
world_home=$tree
world_inside=/var/lib/jair	# the data folder, where world_sh is

world_can() {
	[ "$(id -u)" = 0 ] || { echo 'this needs root'; return; }
	[ -x /lib/systemd/systemd ] || { echo 'systemd is missing'; return; }
	service_boot >"$tap_dir/boot.log" 2>&1 || {
		echo 'systemd does not start in a namespace here'
		sed 's/^/# /' "$tap_dir/boot.log" >&2
	}
	world_end
}

# The machine, as the first process of its namespaces; ends as systemd.
service_machine() {
	local over=$tap_dir/over root=$tap_dir/over/root
	mount --make-rprivate / && mkdir -p "$over" &&
	mount -t tmpfs tmpfs "$over" &&
	mkdir "$over/up" "$over/work" "$root" &&
	mount -t overlay overlay \
	    -o "lowerdir=/,upperdir=$over/up,workdir=$over/work" "$root" &&
	mount -t tmpfs tmpfs "$root/run" && mount -t proc proc "$root/proc" &&
	mount -t sysfs sysfs "$root/sys" && service_cgroup "$root" &&
	mount --rbind /dev "$root/dev" && mkdir -p "$root/root/jair" &&
	mount --bind "$tree" "$root/root/jair" &&
	rm -rf "$root"/etc/systemd/system/*.wants "$root/usr/sbin/policy-rc.d" \
	    "$root"/etc/nginx/sites-enabled/* "$root/var/log/journal" &&
	ip link set lo up &&
	printf '%s\n' '[Unit]' 'Wants=systemd-journald.service dbus.service' \
	    'After=systemd-journald.service dbus.service' \
	    >"$root/etc/systemd/system/machine.target" &&
	echo '[Journal]' >"$root/etc/systemd/journald.conf" &&
	# A service may have no users of its own below a mere chroot.
	cd "$root" && pivot_root . . && umount -l . &&
	exec env -i container=jair LANG=C.UTF-8 \
	    PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
	    /lib/systemd/systemd --unit=machine.target --show-status=no
}
service_cgroup() {
	local top=$1/sys/fs/cgroup
	if [ -e /sys/fs/cgroup/cgroup.controllers ]; then
		mount -t cgroup2 cgroup2 "$top"
	else
		mount -t tmpfs tmpfs "$top" && mkdir "$top/systemd" &&
		mount -t cgroup -o none,name=systemd cgroup "$top/systemd"
	fi
}

service_boot() {
	[ -d "$tree" ] || make_tree
	mkdir -p "$tree/data"
	tap_dir=$tap_dir tree=$tree unshare --pid --mount --uts --ipc --net \
	    --cgroup --fork --kill-child bash -c \
	    ". tests/docs/lib/service.sh; service_machine" 2>/dev/null &
	world_unshare=$!
	started "$world_unshare"
	wait_for 30 service_runs
}
service_runs() {
	world_pid=$(pgrep -P "$world_unshare") &&
	[ "$(ps -o comm= -p "$world_pid")" = systemd ] &&
	world_sh 'systemctl is-active -q machine.target'
}

world_new() {
	service_boot
	world_data=/proc/$world_pid/root/var/lib/jair
}

world_sh() {
	(cd / && exec nsenter --target "$world_pid" --mount --uts --ipc --net --pid --cgroup \
	    --root env -i HOME=/root LANG=C.UTF-8 TERM=dumb \
	    PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
	    bash -c "cd /root/jair && $1")
}

# The package, as docs/without-containers.md says; and nginx.
world_ready() {
	world_sh 'ls build/jair_*.deb >/dev/null 2>&1 || make -s deb
	    dpkg -s jair >/dev/null 2>&1 || dpkg -i build/jair_*.deb
	    ln -sfn ../sites-available/jair /etc/nginx/sites-enabled/jair
	    systemctl start nginx'
}
world_start() { world_ready && world_sh 'systemctl start jair-api'; }
world_stop() { world_sh 'systemctl stop jair-api'; }
world_own() { world_sh 'chown -R jair:jair /var/lib/jair'; }

world_end() {
	[ -n "$world_pid" ] || return 0
	kill -KILL "$world_pid"
	wait_for 20 gone "$world_unshare"
	world_pid=
}
