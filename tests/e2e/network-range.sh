#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# net = slirp in a box with a range of ids: only the host itself has one to give, so no namespace plays the host.
# shellcheck source=lib.sh
# shellcheck disable=SC2016
. "$(dirname "$0")/lib.sh"
need slirp4netns
[ -r /dev/net/tun ] || skip_all "no /dev/net/tun"
build_probe
port=$((20000 + RANDOM % 20000))

# Root is given one here. Its own id is not in the box then, but slirp4netns runs with it.
if [ "$level" = root ]; then
	unshare -m true 2>/dev/null || skip_all "no mount namespace"
	echo root:900000:65536 >ids
	for options in --user=self --user=5:6; do
		limited unshare -m sh -c 'mount --bind ids /etc/subuid && mount --bind ids /etc/subgid && exec "$@"' sh \
			"$SANDBOX" --map=range $options --cwd=none --net=slirp -p $port:80 -- cat /proc/net/fib_trie
		check "root, $options: the interface is up, a port is published" grep -q '10\.0\.2\.100' "$out"
	done
	finish
fi
has_range || skip_all "no range of ids here"
start ./probe listen $port canary >server.log
await 5 grep -qs ready server.log

for options in --map=range "--map=range --user=5:6" "--profile=root" "--profile=build-online"; do
	# shellcheck disable=SC2086
	box $options --net=slirp -- cat /proc/net/fib_trie
	check "$options: the interface is up" grep -q '10\.0\.2\.100' "$out"
	# shellcheck disable=SC2086
	box $options --net=slirp -- ./probe connect 10.0.2.2 $port
	check "$options: the host's loopback is not there" grep -qE '^E(CONNREFUSED|NETUNREACH)$' "$out"
done
check "the server saw no connection" ! grep -q connection server.log
box --map=range --net=slirp --host-loopback=yes -- ./probe connect 10.0.2.2 $port
expect_line canary "control: with --host-loopback=yes it is at 10.0.2.2"

own=$(ip -4 -o address show scope global 2>/dev/null | sed -n '1s,.* inet \([0-9.]*\)/.*,\1,p')
if [ -n "$own" ]; then
	box --map=range --net=slirp -- ./probe connect "$own" $port
	expect_line canary "a server on the host's own address can be reached"
fi

"$SANDBOX" --map=range --net=slirp -p $((port + 1)):9000 -- \
	sh -c './probe listen 9000 inside & sleep 60' </dev/null >box.log 2>"$err" &
launcher=$!
started+=("$launcher")
await 10 grep -qs ready box.log
for pid in $(children "$launcher"); do
	[ "$(cat "/proc/$pid/comm")" != slirp4netns ] || slirp=$pid
done
check "slirp4netns is confined" \
	[ "$(grep -E '^(CapEff|NoNewPrivs|Seccomp):' "/proc/$slirp/status" | tr -s '\t\n' ' ')" = "CapEff: 0000000000000400 NoNewPrivs: 1 Seccomp: 2 " ]
limited ./probe connect 127.0.0.1 $((port + 1))
expect_line inside "a published port leads into the box"
pids=$(descendants "$launcher")
kill -KILL "$launcher"
# shellcheck disable=SC2086
check "and ends with its launcher" await 2 none_alive $pids
finish
